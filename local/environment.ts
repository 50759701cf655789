import type { Identity } from './identities.ts';

/** The environment variables that point the SDKs of a program inside the cloud at it, with that identity. */
export function environmentFor(
  identity: Identity,
  cloud: { endpoint: string; region: string; databaseCaFile: string },
): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: cloud.endpoint,
    AWS_REGION: cloud.region,
    AWS_DEFAULT_REGION: cloud.region,
    AWS_ACCESS_KEY_ID: identity.accessKeyId,
    AWS_SECRET_ACCESS_KEY: identity.secretAccessKey,
    AWS_EC2_METADATA_DISABLED: 'true',
    PGSSLROOTCERT: cloud.databaseCaFile,
    NODE_EXTRA_CA_CERTS: cloud.databaseCaFile,
  };
}
