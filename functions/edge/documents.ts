import { S3Client } from '@aws-sdk/client-s3';
import type { Documents } from '../../lib/documents/documents.ts';
import { settings } from './settings.ts';

export const documents: Documents = { s3: new S3Client(), bucket: settings.BUCKET };
