import { S3Client } from '@aws-sdk/client-s3';
import { patience } from '../../lib/aws/patience.ts';
import type { Documents } from '../../lib/documents/documents.ts';
import { settings } from './settings.ts';

export const documents: Documents = { s3: new S3Client(patience), bucket: settings.BUCKET };
