import * as documents from './bucket-documents.ts';
import * as buckets from './buckets.ts';
import { completeMultipartUpload } from './complete-upload.ts';
import { copyObject } from './copy-object.ts';
import { deleteObject, deleteObjects } from './delete-object.ts';
import { getObject } from './get-object.ts';
import { listObjects } from './list-objects.ts';
import { listMultipartUploads, listParts } from './list-uploads.ts';
import { listVersions } from './list-versions.ts';
import { missingObjectLock } from './object-lock.ts';
import { putObject } from './put-object.ts';
import type { Handler } from './request.ts';
import * as tagging from './tagging.ts';
import { abortMultipartUpload, createMultipartUpload, uploadPart } from './uploads.ts';

/**
 * An operation as its request tells it: the method, what the path names, the query parameters that must be there and those
 * that may. A request with any other is not that operation, so no sub-resource is ever taken for something else.
 */
export type Operation = {
  name: string;
  method: string;
  scope: 'service' | 'bucket' | 'object';
  /** Query parameters, or headers where they start with `x-amz-`, that tell it from its neighbours. */
  needs: string[];
  allows: string[];
  run: Handler;
};

const PAGE = ['prefix', 'delimiter', 'max-keys', 'encoding-type'];

/** In the order in which they are tried. */
export const OPERATIONS: Operation[] = [
  on('service', 'GET', 'ListBuckets', [], [], buckets.listBuckets),

  on('bucket', 'PUT', 'CreateBucket', [], [], buckets.createBucket),
  on('bucket', 'HEAD', 'HeadBucket', [], [], buckets.headBucket),
  on('bucket', 'GET', 'GetBucketLocation', ['location'], [], buckets.getBucketLocation),
  on('bucket', 'GET', 'GetBucketVersioning', ['versioning'], [], buckets.getBucketVersioning),
  on('bucket', 'PUT', 'PutBucketVersioning', ['versioning'], [], buckets.putBucketVersioning),
  ...both('BucketEncryption', documents.ENCRYPTION),
  ...both('PublicAccessBlock', documents.PUBLIC_ACCESS_BLOCK),
  ...both('BucketLifecycleConfiguration', documents.LIFECYCLE),
  ...both('BucketOwnershipControls', documents.OWNERSHIP_CONTROLS),
  on('bucket', 'POST', 'DeleteObjects', ['delete'], [], deleteObjects),
  on('bucket', 'GET', 'ListObjectVersions', ['versions'], [...PAGE, 'key-marker', 'version-id-marker'], listVersions),
  on(
    'bucket',
    'GET',
    'ListMultipartUploads',
    ['uploads'],
    ['prefix', 'max-uploads', 'key-marker', 'upload-id-marker', 'encoding-type'],
    listMultipartUploads,
  ),
  on(
    'bucket',
    'GET',
    'ListObjectsV2',
    ['list-type'],
    [...PAGE, 'continuation-token', 'start-after', 'fetch-owner'],
    listObjects,
  ),

  on('object', 'PUT', 'UploadPart', ['partNumber', 'uploadId'], [], uploadPart),
  on('object', 'POST', 'CreateMultipartUpload', ['uploads'], [], createMultipartUpload),
  on('object', 'POST', 'CompleteMultipartUpload', ['uploadId'], [], completeMultipartUpload),
  on('object', 'DELETE', 'AbortMultipartUpload', ['uploadId'], [], abortMultipartUpload),
  on('object', 'GET', 'ListParts', ['uploadId'], ['max-parts', 'part-number-marker'], listParts),
  on('object', 'GET', 'GetObjectTagging', ['tagging'], ['versionId'], tagging.getObjectTagging),
  on('object', 'PUT', 'PutObjectTagging', ['tagging'], ['versionId'], tagging.putObjectTagging),
  on('object', 'DELETE', 'DeleteObjectTagging', ['tagging'], ['versionId'], tagging.deleteObjectTagging),
  on('object', 'GET', 'GetObjectRetention', ['retention'], ['versionId'], missingObjectLock),
  on('object', 'GET', 'GetObjectLegalHold', ['legal-hold'], ['versionId'], missingObjectLock),
  on('object', 'PUT', 'CopyObject', ['x-amz-copy-source'], [], copyObject),
  on('object', 'PUT', 'PutObject', [], [], putObject),
  on('object', 'GET', 'GetObject', [], ['versionId'], getObject),
  on('object', 'HEAD', 'HeadObject', [], ['versionId'], getObject),
  on('object', 'DELETE', 'DeleteObject', [], ['versionId'], deleteObject),
];

function on(
  scope: Operation['scope'],
  method: string,
  name: string,
  needs: string[],
  allows: string[],
  run: Handler,
): Operation {
  return { name, method, scope, needs, allows, run };
}

function both(name: string, kind: Parameters<typeof documents.getDocument>[0]): Operation[] {
  return [
    on('bucket', 'GET', `Get${name}`, [kind.query], [], documents.getDocument(kind)),
    on('bucket', 'PUT', `Put${name}`, [kind.query], [], documents.putDocument(kind)),
  ];
}
