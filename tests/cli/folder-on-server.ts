import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { InterruptedError } from '../../cli/errors.ts';
import { run } from '../../cli/run.ts';
import { VERBS } from '../../cli/verbs.ts';
import { type TestPostgres, withDatabase } from '../support/postgres.ts';
import { testContext } from './context.ts';

/** Writes files below a folder. */
export async function put(folder: string, files: Record<string, string>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
}

/** The rows of a statement that the server's own superuser runs. */
export function onServer({ server }: TestPostgres): (sql: string) => Promise<unknown[]> {
  const credentials = { host: '127.0.0.1', port: server.port, dbname: 'postgres', username: 'postgres', password: '-' };
  return (sql) => withDatabase(credentials, async (client) => (await client.query(sql)).rows ?? []);
}

/** Runs `carthub-db` in this process. */
export async function runCli(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  return runCli.interruptible(...words).ended;
}

runCli.interruptible = (...words: string[]) => {
  const { context, out, err, interrupt } = testContext();
  const ended = run(words, VERBS, context).then((code) => ({ code, out: out.join('\n'), err: err.join('\n') }));
  const reason = new InterruptedError('Interrupted.', { remedy: 'Start it again when you want to.', exitCode: 130 });
  return { ended, interrupt: () => interrupt(reason) };
};
