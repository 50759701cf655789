import { ServiceError } from '../service.ts';
import { findObject } from './find-object.ts';
import type { Handler } from './request.ts';

/** GetObjectRetention and GetObjectLegalHold: no bucket here has Object Lock, and S3 says so. */
export const missingObjectLock: Handler = async (s3, request) => {
  findObject(s3.store.bucket(request.bucket), request.key, request.query.get('versionId'));
  throw new ServiceError('InvalidRequest', 'Bucket is missing Object Lock Configuration', 400);
};
