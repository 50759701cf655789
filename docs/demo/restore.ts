import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningCloud, startCloud } from '../../cli/local-cloud/start.ts';
import { withLocalStack } from '../../cli/stack/stack.ts';
import { parseDatabaseSecret } from '../../lib/postgres/connect.ts';
import { type Connect, connectTo } from './shop.ts';
import { tellStory } from './story.ts';

/** The story of a restore, on a local cloud of its own in a temporary folder: `npm run demo:restore`. Nothing is left behind. */

const BIN = join(import.meta.dirname, '../../cli/bin.js');

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => interruption.abort(new Error(`Ended by ${signal}.`)));
}

const startedAt = Date.now();
const home = await mkdtemp(join(tmpdir(), 'carthub-db-demo-'));
let cloud: RunningCloud | null = null;
try {
  // PostgreSQL runs as another user when we are root.
  await chmod(home, 0o755);
  const data = join(home, 'data');
  await mkdir(data, { mode: 0o755 });
  const { signal: interrupted } = interruption;
  cloud = await startCloud({ data, timeScale: null, port: null, onLine: () => undefined, interrupted });
  const isGood = await tellStory({
    ...{ migrations: join(home, 'migrations'), connect: await connection(cloud), say },
    type: (shown, ...words) => type(shown, [...words, '--local', '--data', data]),
  });
  say(isGood ? `Put back, and nothing lost. All of it took ${seconds()} s.` : 'This is not how it should have ended.');
  process.exitCode = isGood ? 0 : 1;
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
} finally {
  await cloud?.stop();
  await rm(home, { recursive: true, force: true });
}

async function connection({ cloud: described }: RunningCloud): Promise<Connect> {
  const secret = await withLocalStack({ cloud: described, database: 'carthub' }, (stack) =>
    stack.secret(stack.names.secret),
  );
  return connectTo(parseDatabaseSecret(secret), await readFile(described.databaseCaFile, 'utf8'));
}

/** Runs the command as a person would; its exit code. */
async function type(shown: 'all' | 'failure', words: string[]): Promise<number | null> {
  interruption.signal.throwIfAborted();
  process.stderr.write(`$ npx carthub-db ${words.join(' ')}\n`);
  const child = spawn(process.execPath, [BIN, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  const said: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (shown === 'all' ? process.stderr.write(chunk) : said.push(chunk)));
  }
  const end = () => child.kill('SIGINT');
  interruption.signal.addEventListener('abort', end);
  const [code] = await once(child, 'close');
  interruption.signal.removeEventListener('abort', end);
  interruption.signal.throwIfAborted();
  if (shown === 'failure' && code !== 0) process.stderr.write(Buffer.concat(said));
  return typeof code === 'number' ? code : null;
}

function say(text: string): void {
  process.stderr.write(`\n== ${seconds().padStart(4)} s  ${text}\n`);
}

function seconds(): string {
  return ((Date.now() - startedAt) / 1000).toFixed(0);
}
