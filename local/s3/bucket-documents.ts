import { parseXml } from '../http/xml-parse.ts';
import { ServiceError } from '../service.ts';
import { malformedXml } from './errors.ts';
import { receiveDocument } from './receive.ts';
import { emptyReply, type Handler } from './request.ts';

/** A configuration of a bucket that is kept and given back as it was put; nothing but default encryption follows from it. */
type Kind = { query: string; root: string; missing: () => ServiceError };

export const ENCRYPTION: Kind = {
  query: 'encryption',
  root: 'ServerSideEncryptionConfiguration',
  missing: () =>
    new ServiceError(
      'ServerSideEncryptionConfigurationNotFoundError',
      'The server side encryption configuration was not found',
      404,
    ),
};
export const PUBLIC_ACCESS_BLOCK: Kind = {
  query: 'publicAccessBlock',
  root: 'PublicAccessBlockConfiguration',
  missing: () =>
    new ServiceError(
      'NoSuchPublicAccessBlockConfiguration',
      'The public access block configuration was not found',
      404,
    ),
};
export const LIFECYCLE: Kind = {
  query: 'lifecycle',
  root: 'LifecycleConfiguration',
  missing: () => new ServiceError('NoSuchLifecycleConfiguration', 'The lifecycle configuration does not exist', 404),
};
export const OWNERSHIP_CONTROLS: Kind = {
  query: 'ownershipControls',
  root: 'OwnershipControls',
  missing: () =>
    new ServiceError('OwnershipControlsNotFoundError', 'The bucket ownership controls were not found', 404),
};

export function getDocument(kind: Kind): Handler {
  return async (s3, { bucket }) => {
    const text = s3.store.bucket(bucket).documents[kind.query];
    if (text === undefined) throw kind.missing();
    return {
      headers: { 'content-type': 'application/xml', 'content-length': `${Buffer.byteLength(text)}` },
      body: text,
    };
  };
}

export function putDocument(kind: Kind): Handler {
  return async (s3, request) => {
    const bucket = s3.store.bucket(request.bucket);
    const text = await receiveDocument(request);
    if (parseXml(text)?.name !== kind.root) throw malformedXml();
    bucket.documents[kind.query] = text;
    await bucket.save();
    return emptyReply();
  };
}
