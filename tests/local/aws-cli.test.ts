import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { identitiesOf } from '../../local/identities.ts';
import { createS3 } from '../../local/s3/s3.ts';
import { createSecrets } from '../../local/secrets/secrets.ts';
import { createSns } from '../../local/sns/sns.ts';
import { createSts } from '../../local/sts/sts.ts';
import { withEndpoint } from './with-endpoint.ts';

const account = { account: '000000000000', region: 'eu-west-1', now: () => new Date() };

type Aws = (...args: string[]) => Promise<string>;

/** Lends `use` the AWS CLI of this machine, pointed at a local cloud of its own; without a CLI it says so and tests nothing. */
async function withCli(use: (aws: Aws, folder: string, env: NodeJS.ProcessEnv) => Promise<void>): Promise<void> {
  const program = findProgram('aws');
  if (program === null) {
    console.warn('The AWS CLI is not on PATH: this test has tested nothing.');
    return;
  }
  const folder = await mkdtemp(join(tmpdir(), 'carthub-db-cli-'));
  const at = (name: string) => join(folder, name);
  const services = [
    await createS3({ folder: at('s3'), ...account }),
    await createSecrets({ folder: at('secrets'), ...account }),
    await createSns({ folder: at('sns'), ...account }),
    createSts({ account: account.account, identities: Object.values(identitiesOf(account.account)) }),
  ];
  try {
    await withEndpoint(services, async (url) => {
      const env = {
        PATH: process.env.PATH,
        HOME: folder,
        AWS_ENDPOINT_URL: url,
        AWS_REGION: account.region,
        // What version 1 of the CLI reads.
        AWS_DEFAULT_REGION: account.region,
        AWS_ACCESS_KEY_ID: 'local',
        AWS_SECRET_ACCESS_KEY: 'local',
        AWS_PAGER: '',
        AWS_MAX_ATTEMPTS: '1',
      };
      await use(async (...args) => (await promisify(execFile)(program, args, { env })).stdout, folder, env);
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}

function findProgram(name: string): string | null {
  const candidates = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, name));
  return candidates.find((file) => existsSync(file)) ?? null;
}

test('aws s3 copies 20 MB up and down in parts, lists it, and removes it', () =>
  withCli(async (aws, folder) => {
    const body = randomBytes(20 * 1024 * 1024);
    await writeFile(join(folder, 'up'), body);
    await aws('s3', 'mb', 's3://test');
    await aws('s3', 'cp', join(folder, 'up'), 's3://test/a folder/up', '--no-progress');
    await aws('s3', 'cp', 's3://test/a folder/up', join(folder, 'down'), '--no-progress');
    expect(body.equals(await readFile(join(folder, 'down')))).toBe(true);
    await aws('s3', 'cp', join(folder, 'up'), 's3://test/stream', '--no-progress', '--sse', 'aws:kms');
    expect(await aws('s3', 'ls', 's3://test')).toMatch(/PRE a folder\/\n.* 20971520 stream\n/);
    expect(await aws('s3', 'ls', 's3://test', '--recursive')).toMatch(/ 20971520 a folder\/up\n/);
    expect(JSON.parse(await aws('s3api', 'head-object', '--bucket', 'test', '--key', 'stream'))).toMatchObject({
      ContentLength: 20971520,
      ServerSideEncryption: 'aws:kms',
    });
    await aws('s3', 'rm', 's3://test', '--recursive');
    expect(await aws('s3', 'ls', 's3://test')).toBe('');
  }));

test('aws secretsmanager, sts and sns do what this system does with them', () =>
  withCli(async (aws) => {
    await aws('secretsmanager', 'create-secret', '--name', 'a/b', '--secret-string', '{"username":"x"}');
    await aws('secretsmanager', 'put-secret-value', '--secret-id', 'a/b', '--secret-string', 'two');
    const read = (...args: string[]) =>
      aws(
        'secretsmanager',
        'get-secret-value',
        '--secret-id',
        'a/b',
        '--query',
        'SecretString',
        '--output',
        'text',
        ...args,
      );
    expect(await read()).toBe('two\n');
    expect(await read('--version-stage', 'AWSPREVIOUS')).toBe('{"username":"x"}\n');
    await expect(aws('secretsmanager', 'delete-secret', '--secret-id', 'a/b')).rejects.toThrow(
      '(NotImplemented) when calling the DeleteSecret operation',
    );
    expect(JSON.parse(await aws('sts', 'get-caller-identity'))).toEqual({
      Account: '000000000000',
      UserId: 'local',
      Arn: 'arn:aws:iam::000000000000:user/local',
    });
    const topic = (await aws('sns', 'create-topic', '--name', 'alarms', '--output', 'text')).trim();
    expect(await aws('sns', 'publish', '--topic-arn', topic, '--message', 'x')).toContain('MessageId');
    expect(await aws('sns', 'list-topics', '--output', 'text')).toContain(topic);
  }));

/** What the CLI says, of both versions, when it does not know a command, an option or the form of a value. */
const USAGE = /usage: aws|Unknown options|Parameter validation failed|Error parsing parameter|Invalid choice/;

test('the CLI understands each command that a person is told to type when nothing of ours works', () =>
  withCli(async (_aws, _folder, env) => {
    const page = await readFile(join(import.meta.dirname, '../../docs/restore.md'), 'utf8');
    const blocks = [...page.replace(/\\\n\s*/g, '').matchAll(/^```sh\n(.*?)^```/gms)].map(([, block = '']) => block);
    const commands = blocks.flatMap((block) => [...block.matchAll(/\baws (?:rds|s3) [^#|;>\n]*/g)]).flat();
    expect(commands.length).toBeGreaterThan(8);
    const said = commands.map(async (command) => {
      const shell = promisify(execFile)('sh', ['-c', command], { env: { ...env, B: 'bucket', D: 'carthub-db' } });
      const { stderr } = await shell.catch((error: { stderr: string }) => error);
      return USAGE.test(stderr) ? `${command}: ${stderr}` : '';
    });
    expect((await Promise.all(said)).join('')).toBe('');
  }));
