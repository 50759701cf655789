import { sha256, verifySignature } from '../../http/signature.ts';

/** An AWS identity as the local cloud knows it. */
export type Principal = {
  secretAccessKey: string;
  /** Of temporary credentials; null for those of a user. */
  sessionToken: string | null;
  arn: string;
  /** The Kubernetes groups of its access entry in the cluster; null when it has none. */
  groups: string[] | null;
};

const PREFIX = 'k8s-aws-v1.';
const MAX_BYTES = 4_096;
const LIFETIME_MS = 15 * 60_000;
const SKEW_MS = 5 * 60_000;
const CLUSTER_HEADER = 'x-k8s-aws-id';
const ALLOWED = new Set([
  'action',
  'version',
  'x-amz-algorithm',
  'x-amz-credential',
  'x-amz-date',
  'x-amz-expires',
  'x-amz-security-token',
  'x-amz-signature',
  'x-amz-signedheaders',
]);
/** The hosts of STS in the partition `aws`: global, of a region, FIPS, dual-stack. */
const HOST = /^sts(?:-fips)?(?:\.([a-z]{2}(?:-[a-z]+)+-\d))?\.(?:amazonaws\.com|api\.aws)$/;

/**
 * Whose token it is, or an error that says why it is nobody's: first the checks of aws-iam-authenticator
 * (https://github.com/kubernetes-sigs/aws-iam-authenticator/blob/master/pkg/token/token.go), then those that STS makes of
 * the request in the token, the signature included.
 *
 * @param endpoints the local cloud's own STS, which `aws eks get-token` signs for when AWS_ENDPOINT_URL names it
 */
export function verifyToken(options: {
  token: string;
  cluster: string;
  endpoints: string[];
  principal: (accessKeyId: string) => Principal | null;
  now: Date;
}): Principal {
  const { origin, host, search } = readUrl(options.token, options.endpoints);
  const value = parameters(new URLSearchParams(search));
  if (value('action') !== 'GetCallerIdentity') throw new Error('unexpected action parameter in pre-signed URL');
  const signedHeaders = value('x-amz-signedheaders').split(';');
  if (!signedHeaders.includes(CLUSTER_HEADER)) {
    throw new Error(`client did not sign the ${CLUSTER_HEADER} header in the pre-signed URL`);
  }
  const expires = value('x-amz-expires');
  if (!/^\d{1,3}$/.test(expires) || Number(expires) > 900) {
    throw new Error(`invalid X-Amz-Expires parameter in pre-signed URL: ${expires}`);
  }
  const amzDate = value('x-amz-date');
  checkAge(amzDate, options.now);

  const [accessKeyId = '', date = '', region = '', service = ''] = value('x-amz-credential').split('/');
  const principal = options.principal(accessKeyId);
  if (principal === null) throw new Error(`STS: no such access key: ${accessKeyId}`);
  if ((value('x-amz-security-token') || null) !== principal.sessionToken) throw new Error('STS: wrong session token');
  const regionOfHost = HOST.exec(host)?.[1] ?? (HOST.test(host) ? 'us-east-1' : region);
  if (service !== 'sts' || region !== regionOfHost || date !== amzDate.slice(0, 8)) {
    throw new Error(`STS: credential scope ${date}/${region}/${service} does not fit ${origin} at ${amzDate}`);
  }
  verifySignature({
    // The header is the verifier's: a token for another cluster was signed over another name.
    request: { method: 'GET', path: '/', search, headers: { host, [CLUSTER_HEADER]: options.cluster } },
    // STS honours the request for 15 minutes, whatever X-Amz-Expires says.
    signature: {
      ...{ accessKeyId, date, region, service, signedHeaders, amzDate },
      expires: null,
      signature: value('x-amz-signature'),
    },
    credentials: { accessKeyId, secretAccessKey: principal.secretAccessKey },
    payloadHash: sha256(''),
    now: options.now,
  });
  return principal;
}

function readUrl(token: string, endpoints: string[]): { origin: string; host: string; search: string } {
  if (Buffer.byteLength(token) > MAX_BYTES) throw new Error('token is too large');
  if (!token.startsWith(PREFIX)) throw new Error(`token is missing expected "${PREFIX}" prefix`);
  const encoded = token.slice(PREFIX.length);
  if (!/^[A-Za-z0-9_-]+$/.test(encoded) || encoded.length % 4 === 1) throw new Error('illegal base64 data');
  const match = /^([a-z]+):\/\/([^/?#]*)([^?#]*)\?([^#]*)$/.exec(Buffer.from(encoded, 'base64url').toString());
  if (!match) throw new Error('not a URL with a query');
  const [, scheme, host = '', path, search = ''] = match;
  const origin = `${scheme}://${host}`;
  if (!endpoints.includes(origin)) {
    if (scheme !== 'https') throw new Error(`unexpected scheme "${scheme}" in pre-signed URL`);
    if (!HOST.test(host)) throw new Error(`unexpected hostname "${host}" in pre-signed URL`);
  }
  if (path !== '/') throw new Error('unexpected path in pre-signed URL');
  return { origin, host, search };
}

function parameters(query: URLSearchParams): (name: string) => string {
  const values = new Map<string, string>();
  for (const [name, value] of query) {
    const key = name.toLowerCase();
    if (!ALLOWED.has(key)) throw new Error(`non-whitelisted query parameter "${name}"`);
    if (values.has(key)) throw new Error('query parameter with multiple values not supported');
    values.set(key, value);
  }
  return (name) => values.get(name) ?? '';
}

function checkAge(amzDate: string, now: Date): void {
  const iso = amzDate.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z');
  const made = iso === amzDate ? Number.NaN : Date.parse(iso);
  if (Number.isNaN(made)) throw new Error('error parsing X-Amz-Date parameter');
  if (made + LIFETIME_MS < now.getTime()) throw new Error('X-Amz-Date parameter is expired (15 minute expiration)');
  if (made - SKEW_MS > now.getTime()) throw new Error('STS: signature not yet current');
}
