import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { hasCode } from '../../embedded/error-code.ts';

/** The platform's own superuser, as on RDS; also the owner of the database of the same name. */
export const RDSADMIN = 'rdsadmin';

/** The password of {@link RDSADMIN}: one for all instances of a data folder, because a restored one has that of its source. */
export async function rdsadminPassword(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
  const password = randomBytes(24).toString('base64url');
  await writeFile(`${file}.tmp`, password, { mode: 0o600 });
  await rename(`${file}.tmp`, file);
  return password;
}

const ITERATIONS = 4096;

/**
 * What PostgreSQL stores of a password (RFC 5803, RFC 7677), so that it need not be given the password itself, which then
 * stands in no record, statement or log. Without SASLprep: for ASCII, which is all that RDS takes, that changes nothing.
 */
export function scramVerifier(password: string): string {
  const salt = randomBytes(16);
  const salted = pbkdf2Sync(password, salt, ITERATIONS, 32, 'sha256');
  const hmac = (text: string) => createHmac('sha256', salted).update(text).digest();
  const storedKey = createHash('sha256').update(hmac('Client Key')).digest('base64');
  return `SCRAM-SHA-256$${ITERATIONS}:${salt.toString('base64')}$${storedKey}:${hmac('Server Key').toString('base64')}`;
}
