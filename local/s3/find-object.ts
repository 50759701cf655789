import { ServiceError } from '../service.ts';
import type { Bucket } from './bucket.ts';
import { noSuchKey, noSuchVersion } from './errors.ts';
import type { ObjectVersion } from './model.ts';

/** The object of that key, the newest or the named version; a delete marker is what S3 says that it is. */
export function findObject(bucket: Bucket, key: string, versionId: string | null): ObjectVersion {
  const versions = bucket.keys.get(key) ?? [];
  const found = versionId === null ? versions[0] : versions.find((version) => version.versionId === versionId);
  if (found?.kind === 'object') return found;
  if (!found) throw versionId === null ? noSuchKey(key) : noSuchVersion(key, versionId);
  if (versionId === null) throw noSuchKey(key);
  throw new ServiceError('MethodNotAllowed', 'The specified method is not allowed against this resource.', 405, {
    Method: 'GET',
    ResourceType: 'DeleteMarker',
  });
}
