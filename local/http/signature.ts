import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { ServiceError } from '../service.ts';

/** What somebody signs with. */
export type Credentials = { accessKeyId: string; secretAccessKey: string };

/** What a request's signature says of itself: where it was made for, and by whom. */
export type Signature = {
  accessKeyId: string;
  date: string;
  region: string;
  service: string;
  signedHeaders: string[];
  signature: string;
  amzDate: string;
  /** Seconds that a presigned URL is good for; null for a signature in the header. */
  expires: number | null;
};

export type SignedRequest = { method: string; path: string; search: string; headers: Record<string, string> };

/**
 * The signature of Signature Version 4 in the Authorization header or in the query of a presigned URL, or null
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html).
 */
export function readSignature(request: SignedRequest): Signature | null {
  const { authorization } = request.headers;
  if (authorization !== undefined) {
    const match = /^AWS4-HMAC-SHA256 Credential=([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
      authorization,
    );
    if (!match)
      throw new ServiceError('IncompleteSignature', 'The Authorization header is not one of AWS4-HMAC-SHA256.', 403);
    return make(match[1] ?? '', match[2] ?? '', match[3] ?? '', request.headers['x-amz-date'] ?? '', null);
  }
  const query = new URLSearchParams(request.search);
  const signature = query.get('X-Amz-Signature');
  if (signature === null) return null;
  const [credential, signed, date] = ['X-Amz-Credential', 'X-Amz-SignedHeaders', 'X-Amz-Date'].map(
    (name) => query.get(name) ?? '',
  );
  return make(credential ?? '', signed ?? '', signature, date ?? '', Number(query.get('X-Amz-Expires') ?? '0'));
}

function make(
  credential: string,
  signed: string,
  signature: string,
  amzDate: string,
  expires: number | null,
): Signature {
  const [accessKeyId = '', date = '', region = '', service = '', terminal] = credential.split('/');
  if (terminal !== 'aws4_request') {
    throw new ServiceError('IncompleteSignature', `The credential scope ${credential} is not whole.`, 403);
  }
  return { accessKeyId, date, region, service, signedHeaders: signed.split(';'), signature, amzDate, expires };
}

/** The credentials that a signature claims, or the first, whose access key it then does not match. */
export function credentialsOf(signature: Signature, known: Credentials[]): Credentials {
  const [first = { accessKeyId: '', secretAccessKey: '' }] = known;
  return known.find(({ accessKeyId }) => accessKeyId === signature.accessKeyId) ?? first;
}

/**
 * Throws unless `signature` is the one that the holder of `credentials` makes for `request`.
 *
 * @param payloadHash SHA-256 of the body in hex, or what the client put in its place (`UNSIGNED-PAYLOAD`)
 */
export function verifySignature(options: {
  request: SignedRequest;
  signature: Signature;
  credentials: Credentials;
  payloadHash: string;
  now: Date;
}): void {
  const { request, signature, credentials } = options;
  const isS3 = signature.service === 's3';
  if (signature.accessKeyId !== credentials.accessKeyId) {
    throw isS3
      ? new ServiceError(
          'InvalidAccessKeyId',
          `The local cloud does not know this access key; use ${credentials.accessKeyId}.`,
          403,
        )
      : new ServiceError(
          'UnrecognizedClientException',
          `The security token included in the request is invalid: the local cloud does not know this access key; use ${credentials.accessKeyId}.`,
          403,
        );
  }
  const made = Date.parse(signature.amzDate.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (Number.isNaN(made)) throw new ServiceError('IncompleteSignature', 'The request has no valid X-Amz-Date.', 403);
  if (signature.expires !== null && made + signature.expires * 1000 < options.now.getTime()) {
    throw new ServiceError('AccessDenied', 'Request has expired', 403);
  }
  const canonical = [
    request.method,
    isS3 ? request.path : request.path.split('/').map(encode).join('/'),
    canonicalQuery(request.search),
    ...signature.signedHeaders.map((name) => `${name}:${(request.headers[name] ?? '').trim().replace(/ +/g, ' ')}`),
    '',
    signature.signedHeaders.join(';'),
    options.payloadHash,
  ].join('\n');
  const scope = `${signature.date}/${signature.region}/${signature.service}/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', signature.amzDate, scope, sha256(canonical)].join('\n');
  const key = [signature.date, signature.region, signature.service, 'aws4_request'].reduce<Buffer | string>(
    (secret, part) => createHmac('sha256', secret).update(part).digest(),
    `AWS4${credentials.secretAccessKey}`,
  );
  const expected = createHmac('sha256', key).update(text).digest();
  const given = Buffer.from(signature.signature, 'hex');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new ServiceError(
      'SignatureDoesNotMatch',
      'The request signature that the local cloud calculated does not match the one given. Check the secret access key.',
      403,
    );
  }
}

function canonicalQuery(search: string): string {
  return (
    search
      .replace(/^\?/, '')
      .split('&')
      .filter((pair) => pair !== '' && !pair.startsWith('X-Amz-Signature='))
      .map((pair) => {
        const at = pair.indexOf('=');
        const [name, value] = at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
        return { name: encode(decodeURIComponent(name)), value: encode(decodeURIComponent(value)) };
      })
      // By name first: in whole pairs `select=` would come after `select-type=`.
      .sort((a, b) => (a.name === b.name ? order(a.value, b.value) : order(a.name, b.name)))
      .map(({ name, value }) => `${name}=${value}`)
      .join('&')
  );
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

export function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}
