import { S3Client } from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SFNClient } from '@aws-sdk/client-sfn';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { AwsAccessError } from '../errors.ts';
import type { Cloud } from '../local-cloud/description.ts';
import { explain } from './explain.ts';
import { type StackNames, stackNames } from './names.ts';

/** The stack that serves a database, and the clients to speak to it. */
export type Stack = {
  names: StackNames;
  sfn: SFNClient;
  s3: S3Client;
  /** What a client for another service is made with. */
  configuration: Configuration;
  /** The JSON of a secret. */
  secret(id: string): Promise<string>;
  /** Who we are to it; null on the local cloud, where everybody is its root. */
  caller: string | null;
};

/** The stack of the local cloud. What the environment says of AWS does not matter there. */
export async function withLocalStack<T>(
  { cloud, database }: { cloud: Cloud; database: string },
  use: (stack: Stack) => Promise<T>,
): Promise<T> {
  const { endpoint, region, account, accessKeyId, secretAccessKey } = cloud;
  const names = stackNames({ database, account, region, partition: 'aws' });
  return withClients({ endpoint, region, credentials: { accessKeyId, secretAccessKey } }, names, null, use);
}

/**
 * The stack on AWS, in the account and region of the usual environment, profile or role.
 *
 * @throws AwsAccessError when that names no region or no credentials
 */
export async function withAwsStack<T>(
  { database }: { database: string },
  use: (stack: Stack) => Promise<T>,
): Promise<T> {
  const sts = new STSClient();
  try {
    const region = await regionOf(sts);
    const { Account: account = '', Arn: arn = '' } = await callerOf(sts);
    const names = stackNames({ database, account, region, partition: arn.split(':')[1] ?? 'aws' });
    try {
      return await withClients({ region }, names, arn, use);
    } catch (error) {
      throw explain(error, arn);
    }
  } finally {
    sts.destroy();
  }
}

export type Configuration = {
  region: string;
  endpoint?: string;
  credentials?: { accessKeyId: string; secretAccessKey: string };
};

async function withClients<T>(
  configuration: Configuration,
  names: StackNames,
  caller: string | null,
  use: (stack: Stack) => Promise<T>,
): Promise<T> {
  const sfn = new SFNClient(configuration);
  const s3 = new S3Client(configuration);
  const secrets = new SecretsManagerClient(configuration);
  const secret = async (id: string) =>
    (await secrets.send(new GetSecretValueCommand({ SecretId: id }))).SecretString ?? '';
  try {
    return await use({ names, sfn, s3, configuration, secret, caller });
  } finally {
    for (const client of [sfn, s3, secrets]) client.destroy();
  }
}

async function regionOf(sts: STSClient): Promise<string> {
  try {
    return await sts.config.region();
  } catch (cause) {
    throw new AwsAccessError('No AWS region is set.', {
      remedy: 'Set AWS_REGION or a profile (AWS_PROFILE), or add --local to use the local cloud.',
      cause,
    });
  }
}

async function callerOf(sts: STSClient): Promise<{ Account?: string | undefined; Arn?: string | undefined }> {
  try {
    return await sts.send(new GetCallerIdentityCommand({}));
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new AwsAccessError(`AWS does not know us: ${said}`, {
      remedy: 'Sign in (aws sso login) or set credentials, or add --local to use the local cloud.',
      cause,
    });
  }
}
