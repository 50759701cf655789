import { isIP } from 'node:net';
import * as z from 'zod/mini';
import { CarthubError } from '../errors.ts';

export type Credentials = { username: string; password: string; host: string; port: number; dbname: string };

/** The secret of the database does not hold what a connection needs. The message names the key, never its value. */
export class DatabaseSecretError extends CarthubError {
  override readonly name = 'DatabaseSecretError';
}

/** DATABASE_URL is no address of a database that we may connect to. The message never repeats it: it may hold a password. */
export class DatabaseUrlError extends CarthubError {
  override readonly name = 'DatabaseUrlError';
}

const text = z.string().check(z.minLength(1));
const port = z.union([z.int(), z.pipe(z.string().check(z.regex(/^\d{1,5}$/)), z.transform(Number))]);
const secret = z.object({
  username: text,
  password: text,
  host: text,
  port: port.check(z.refine((value) => value >= 1 && value <= 65_535)),
  dbname: text,
});

const SECRET_FORM = '{"username": "...", "password": "...", "host": "...", "port": 5432, "dbname": "..."}';

/**
 * The credentials in the JSON of a secret, in the form that RDS and its rotation functions write
 * (https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_secret_json_structure.html).
 *
 * @throws DatabaseSecretError
 */
export function parseDatabaseSecret(json: string): Credentials {
  return parseSecret(json, {});
}

/**
 * The credentials in a secret that RDS keeps of a master user, which holds no address
 * (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html).
 *
 * @throws DatabaseSecretError
 */
export function parseManagedSecret(json: string, address: Pick<Credentials, 'host' | 'port' | 'dbname'>): Credentials {
  return parseSecret(json, address);
}

function parseSecret(json: string, address: Partial<Credentials>): Credentials {
  const remedy = `Write the secret as ${SECRET_FORM}`;
  const value = parseJson(json);
  if (value === undefined) throw new DatabaseSecretError("The database's secret is not JSON.", { remedy });
  const isObject = typeof value === 'object' && value !== null;
  const parsed = secret.safeParse(isObject ? { ...value, ...address } : value);
  if (parsed.success) return parsed.data;
  const wrong = new Set(
    parsed.error.issues.map((issue) => (issue.path.length > 0 ? issue.path.join('.') : 'the whole')),
  );
  throw new DatabaseSecretError(`The database's secret is missing or wrong in: ${[...wrong].join(', ')}.`, { remedy });
}

/**
 * The parts of a `postgresql://user:password@host:port/database` address.
 *
 * A loopback address may do without TLS (`tls: false` unless `sslmode` asks for it). Any other host must stand in
 * `allowedHosts`, because an address in an environment bypasses the secret and its rotation, and is always spoken to in TLS.
 *
 * @throws DatabaseUrlError
 */
export function parseDatabaseUrl(url: string, allowedHosts: readonly string[]): Credentials & { tls: boolean } {
  const remedy = 'Write it as postgresql://USER:PASSWORD@HOST:PORT/DATABASE, reserved characters percent-encoded.';
  if (!URL.canParse(url)) throw new DatabaseUrlError('DATABASE_URL is not an address.', { remedy });
  const parsed = new URL(url);
  if (parsed.protocol !== 'postgresql:' && parsed.protocol !== 'postgres:') {
    throw new DatabaseUrlError('DATABASE_URL does not begin with postgresql://.', { remedy });
  }
  const host = parsed.hostname.replace(/^\[(.*)\]$/, '$1');
  const parts = {
    username: decode(parsed.username),
    password: decode(parsed.password),
    host,
    port: parsed.port === '' ? 5432 : Number(parsed.port),
    dbname: decode(parsed.pathname.slice(1)),
  };
  for (const [part, value] of Object.entries(parts)) {
    if (value === '' || value === null) throw new DatabaseUrlError(`DATABASE_URL has no usable ${part}.`, { remedy });
  }
  const local = isLoopback(host);
  if (!local && !allowedHosts.includes(host)) {
    throw new DatabaseUrlError(`DATABASE_URL names ${host}, which is neither this machine nor an allowed host.`, {
      remedy: `Use DB_SECRET_ARN instead, or allow it by name: DATABASE_ALLOWED_HOSTS=${host}`,
    });
  }
  const mode = parsed.searchParams.get('sslmode');
  if (!local && (mode === 'disable' || mode === 'allow' || mode === 'prefer')) {
    throw new DatabaseUrlError(`DATABASE_URL asks for sslmode=${mode}, but ${host} is not this machine.`, {
      remedy: 'Leave sslmode out, or say verify-full.',
    });
  }
  return { ...secret.parse(parts), tls: !local || (mode !== null && /^(require|verify-ca|verify-full)$/.test(mode)) };
}

/** Whether packets to `host` never leave this machine. */
export function isLoopback(host: string): boolean {
  if (isIP(host) === 4) return host.startsWith('127.');
  return host === 'localhost' || host === '::1';
}

function decode(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    // The parser's own message quotes the text around the mistake, which may be the password.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
