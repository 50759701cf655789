import { notImplemented, ServiceError, type StreamingService } from '../service.ts';
import { OPERATIONS, type Operation } from './operations.ts';
import type { S3, S3Request } from './request.ts';
import { openStore } from './store.ts';

/** Query parameters that change nothing: the operation's name from the SDK, and those of a presigned URL. */
const HARMLESS = /^(x-id|X-Amz-.*)$/i;

/** Headers that this S3 knows what to do with; another one that starts with `x-amz-` could change what a request means. */
const KNOWN_HEADERS = [
  /^x-amz-(date|content-sha256|security-token|user-agent|decoded-content-length|trailer|expected-bucket-owner)$/,
  /^x-amz-(sdk-checksum-algorithm|checksum-(crc32|crc32c|crc64nvme|sha1|sha256|algorithm|type|mode)|mp-object-size)$/,
  /^x-amz-(meta-.+|tagging|tagging-directive|metadata-directive|storage-class|object-ownership)$/,
  /^x-amz-server-side-encryption(-aws-kms-key-id|-bucket-key-enabled)?$/,
  /^x-amz-copy-source(-if-(match|none-match|modified-since|unmodified-since))?$/,
];

/**
 * Amazon S3 as far as this system and the AWS CLI's `s3 cp` and `s3 ls` use it: path style, strongly consistent, every checksum verified. Whatever else
 * is asked is refused by name, above all sub-resources and headers, which must never fall through to an operation that
 * ignores them.
 */
export async function createS3(options: {
  folder: string;
  account: string;
  region: string;
  now: () => Date;
}): Promise<StreamingService> {
  const { account, region, now } = options;
  const s3: S3 = {
    store: await openStore(options.folder),
    now,
    account,
    region,
    kmsKey: `arn:aws:kms:${region}:${account}:key/00000000-0000-0000-0000-000000000000`,
  };
  return {
    name: 's3',
    protocol: 's3',
    describe(head) {
      const target = locate(head.path);
      const input = {
        ...(target.bucket === '' ? {} : { Bucket: target.bucket }),
        ...(target.key === '' ? {} : { Key: target.key }),
        ...Object.fromEntries([...head.query].filter(([name]) => !HARMLESS.test(name))),
        ...Object.fromEntries(
          Object.entries(head.headers).filter(([name]) => /^if-|^range$|^x-amz-copy-source$/.test(name)),
        ),
      };
      return { operation: find({ ...head, ...target })?.name ?? label({ ...head, ...target }), input };
    },
    async stream({ method, path, query, headers, content }) {
      const request = { ...locate(path), method, query, headers, content };
      const operation = find(request);
      if (!operation) throw notImplemented('s3', label(request));
      checkHeaders(s3, operation, headers);
      if (Buffer.byteLength(request.key) > 1024) throw new ServiceError('KeyTooLongError', 'Your key is too long');
      return operation.run(s3, request);
    },
  };
}

type Head = Omit<S3Request, 'content'>;

function find({ method, query, headers, ...target }: Head): Operation | undefined {
  const parameters = [...query.keys()].filter((name) => !HARMLESS.test(name));
  const scope = scopeOf(target);
  return OPERATIONS.find(
    (operation) =>
      operation.method === method &&
      operation.scope === scope &&
      operation.needs.every((name) => (name.startsWith('x-amz-') ? headers[name] !== undefined : query.has(name))) &&
      parameters.every((name) => operation.needs.includes(name) || operation.allows.includes(name)),
  );
}

/** What nobody knows, in words: `PUT object ?acl`. */
function label({ method, query, ...target }: Head): string {
  const parameters = [...query.keys()].filter((name) => !HARMLESS.test(name));
  return [method, scopeOf(target), ...parameters.map((name) => `?${name}`)].join(' ');
}

function scopeOf({ bucket, key }: { bucket: string; key: string }): Operation['scope'] {
  return bucket === '' ? 'service' : key === '' ? 'bucket' : 'object';
}

function locate(path: string): { bucket: string; key: string } {
  const [, bucket = '', key = ''] = /^\/([^/]*)\/?(.*)$/s.exec(path) ?? [];
  try {
    return { bucket: decodeURIComponent(bucket), key: decodeURIComponent(key) };
  } catch (error) {
    throw new ServiceError('InvalidURI', `Could not parse the specified URI: ${error}`);
  }
}

function checkHeaders(s3: S3, operation: Operation, headers: Record<string, string>): void {
  for (const name of Object.keys(headers)) {
    const unknown = name.startsWith('x-amz-') && !KNOWN_HEADERS.some((known) => known.test(name));
    if (unknown || name === 'if-range') throw notImplemented('s3', `${operation.name} with the header ${name}`);
    if (name.startsWith('x-amz-copy-source') && operation.name !== 'CopyObject') {
      throw notImplemented('s3', `${operation.name} with the header ${name}`);
    }
  }
  const owner = headers['x-amz-expected-bucket-owner'];
  if (owner !== undefined && owner !== s3.account) throw new ServiceError('AccessDenied', 'Access Denied', 403);
}
