import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { withThrowawayServer } from '../embedded/throwaway.ts';
import { withClient } from '../lib/postgres/connect.ts';
import { readDocument } from '../lib/schema/describe.ts';
import { printDocument } from '../lib/schema/print-document.ts';
import { BEGIN_DATABASE, MAKE_DIFFERENCES, MAKE_TABLES } from './schema-database.ts';

/**
 * Reading and comparing a schema of 10,000 tables against `pg_dump -s` of the same database: `node bench/schema.ts [rounds]`. The two take turns, so
 * that both see the same machine; told are the medians, and the median of the ratios of each round.
 */
const rounds = Number(process.argv[2] ?? 7);
const LIMIT = { ratio: 0.35, mebibytes: 256 };

const once = z.object({ milliseconds: z.number(), differences: z.int(), mebibytes: z.number() });

await withThrowawayServer(async ({ port }) => {
  const folder = mkdtempSync(join(tmpdir(), 'carthub-db-bench-'));
  const file = join(folder, 'schema.txt');
  const credentials = { username: 'postgres', password: 'trusted', host: '127.0.0.1', port, dbname: 'postgres' };
  const connection = { credentials, applicationName: 'bench', ca: null, connectTimeoutMs: 10_000 };
  try {
    await withClient(connection, async (client) => {
      for (const statement of [BEGIN_DATABASE, MAKE_TABLES, 'vacuum analyze']) await client.query(statement);
      writeFileSync(file, printDocument(await readDocument(client, { migrator: 'postgres' })));
    });
    const equal = measure(port, file);
    await withClient(connection, (client) => client.query(MAKE_DIFFERENCES));
    const different = measure(port, file);
    report([
      { what: 'nothing differs', ...equal },
      { what: 'ten objects differ', ...different },
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

type Measured = { dump: number; compare: number; ratio: number; mebibytes: number; differences: number };

function measure(port: number, file: string): Measured {
  const environment = { ...process.env, PGHOST: '127.0.0.1', PGPORT: `${port}`, PGUSER: 'postgres' };
  const taken = Array.from({ length: rounds }, () => {
    const start = performance.now();
    execFileSync('pg_dump', ['-s', '-f', '/dev/null', 'postgres'], { env: environment });
    const dump = performance.now() - start;
    const said = execFileSync(process.execPath, [
      join(import.meta.dirname, 'schema-once.ts'),
      `${port}`,
      'postgres',
      file,
    ]);
    return { dump, ...once.parse(JSON.parse(said.toString())) };
  });
  return {
    dump: median(taken.map(({ dump }) => dump)),
    compare: median(taken.map(({ milliseconds }) => milliseconds)),
    ratio: median(taken.map(({ dump, milliseconds }) => milliseconds / dump)),
    mebibytes: Math.max(...taken.map(({ mebibytes }) => mebibytes)),
    differences: taken[0]?.differences ?? 0,
  };
}

function report(rows: readonly ({ what: string } & Measured)[]): void {
  console.log(`10,000 tables, ${rounds} rounds\n`);
  console.log('| | pg_dump -s | read and compare | ratio | at most | memory | at most | found |');
  console.log('| --- | --- | --- | --- | --- | --- | --- | --- |');
  for (const { what, dump, compare, ratio, mebibytes, differences } of rows) {
    const cells = [what, `${dump.toFixed(0)} ms`, `${compare.toFixed(0)} ms`, ratio.toFixed(2), LIMIT.ratio];
    console.log(`| ${[...cells, `${mebibytes.toFixed(0)} MiB`, `${LIMIT.mebibytes} MiB`, differences].join(' | ')} |`);
  }
  const kept = rows.every(({ ratio, mebibytes }) => ratio <= LIMIT.ratio && mebibytes <= LIMIT.mebibytes);
  console.log(kept ? '\nBoth limits are kept.' : '\nA limit is missed.');
  process.exitCode = kept ? 0 : 1;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const [low = 0, high = 0] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.ceil((sorted.length - 1) / 2)]];
  return (low + high) / 2;
}
