import type { Readable } from 'node:stream';
import { xmlDocument } from '../http/xml.ts';
import { type Element, parseXml } from '../http/xml-parse.ts';
import type { StreamingReply } from '../service.ts';
import { malformedXml } from './errors.ts';
import { receiveDocument } from './receive.ts';
import type { Store } from './store.ts';

/** What every operation works with. */
export type S3 = {
  store: Store;
  now: () => Date;
  account: string;
  region: string;
  /** The ARN that stands for the account's own key of KMS. */
  kmsKey: string;
};

export type S3Request = {
  /** Empty for ListBuckets. */
  bucket: string;
  /** Empty for operations on a bucket. */
  key: string;
  method: string;
  query: URLSearchParams;
  headers: Record<string, string>;
  content: Readable;
};

export type Handler = (s3: S3, request: S3Request) => Promise<StreamingReply>;

export function xmlReply(
  root: string,
  body: Record<string, unknown>,
  headers: Record<string, string> = {},
): StreamingReply {
  const text = xmlDocument(root, 'http://s3.amazonaws.com/doc/2006-03-01/', body);
  return {
    headers: { ...headers, 'content-type': 'application/xml', 'content-length': `${Buffer.byteLength(text)}` },
    body: text,
  };
}

/** A reply without a body. */
export function emptyReply(headers: Record<string, string> = {}, status = 200): StreamingReply {
  return { status, headers: status === 204 ? headers : { ...headers, 'content-length': '0' }, body: '' };
}

/** The document in the request's body, whose root must have that name. */
export async function readXml(request: S3Request, root: string): Promise<Element> {
  const document = parseXml(await receiveDocument(request));
  if (document?.name !== root) throw malformedXml();
  return document;
}
