import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';
import { CLUSTER, PRINCIPALS } from './with-kubernetes.ts';

export type Minting = {
  accessKeyId?: string;
  secretAccessKey?: string;
  cluster?: string;
  host?: string;
  region?: string;
  path?: string;
  /** The header that names the cluster; null leaves it out. */
  header?: string | null;
  query?: Record<string, string>;
  expiresIn?: number;
  at?: Date;
  /** Changes the signed URL before it is encoded. */
  tamper?: (url: string) => string;
};

/** An EKS token as the AWS CLI makes it, or one with a fault. */
export async function mintToken(options: Minting = {}): Promise<string> {
  const { accessKeyId = 'AKIAOPS', region = 'eu-west-1', header = 'x-k8s-aws-id', path = '/' } = options;
  const { host = `sts.${region}.amazonaws.com`, tamper = (url: string) => url } = options;
  const principal = PRINCIPALS[accessKeyId];
  const signer = new SignatureV4({
    service: 'sts',
    region,
    credentials: {
      accessKeyId,
      secretAccessKey: options.secretAccessKey ?? principal?.secretAccessKey ?? 'unknown',
      ...(principal?.sessionToken ? { sessionToken: principal.sessionToken } : {}),
    },
    sha256: Sha256,
  });
  const signed = await signer.presign(
    {
      method: 'GET',
      protocol: 'https:',
      hostname: host,
      path,
      headers: { host, ...(header === null ? {} : { [header]: options.cluster ?? CLUSTER }) },
      query: { Action: 'GetCallerIdentity', Version: '2011-06-15', ...options.query },
    },
    { expiresIn: options.expiresIn ?? 60, signingDate: options.at ?? new Date() },
  );
  const query = Object.entries(signed.query ?? {})
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`)
    .join('&');
  return `k8s-aws-v1.${Buffer.from(tamper(`https://${host}${path}?${query}`)).toString('base64url')}`;
}
