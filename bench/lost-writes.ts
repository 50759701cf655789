import { Client } from 'pg';
import { withThrowawayServer } from '../embedded/throwaway.ts';
import type { Cursor } from '../lib/lost-writes/cursor.ts';
import { findLostRows } from '../lib/lost-writes/find.ts';
import type { OwnWork } from '../lib/lost-writes/own-work.ts';
import { surveyTables } from '../lib/lost-writes/survey.ts';

/**
 * Finding the rows that others wrote in a table of 2,000,000 rows against one bare sequential scan of it, in one process as the search
 * has it: `node bench/lost-writes.ts [rounds]`. The two take turns; told are medians. The copy's rows are counted beforehand, as
 * they are when a first pass went before; "deleted" has rows missing, so that all keys are compared.
 */
const rounds = Number(process.argv[2] ?? 5);
const ROWS = 2_000_000;
const LIMIT = 2;

const NOTHING: OwnWork = { xids: [], ranges: [], altering: [], touched: {}, anything: false, why: [] };
const now = () => new Date();

await withThrowawayServer(async ({ port }) => {
  const connect = async (database: string) => {
    const client = new Client({ host: '127.0.0.1', port, user: 'postgres', database });
    await client.connect();
    return client;
  };
  const live = await connect('postgres');
  await live.query(`create table t (id integer primary key, a text, b text);
    insert into t select i, md5(i::text), 'x' from generate_series(1, ${ROWS}) i`);
  await live.query('vacuum (freeze, analyze)');
  // A database made of another has its tables under the same OIDs, as a restored copy has.
  const admin = await connect('template1');
  await live.end();
  await admin.query('create database copy template postgres strategy file_copy');
  await admin.end();
  const sides = { live: await connect('postgres'), copy: await connect('copy') };
  const { rows } = await sides.live.query<{ snapshot: string }>('select pg_current_snapshot()::text as snapshot');
  const snapshot = rows[0]?.snapshot ?? '';
  await sides.live.query(
    `update t set b = 'y' where id % 2000 = 0; insert into t select ${ROWS} + i from generate_series(1, 1000) i`,
  );
  const first = await search('first', null);
  await report('2,000 rows written', first);
  await sides.live.query('delete from t where id % 2000 = 1');
  await report('and 1,000 deleted', first);
  await Promise.all([sides.live.end(), sides.copy.end()]);

  async function search(pass: Cursor['pass'], earlier: Awaited<ReturnType<typeof pick>> | null) {
    const survey = await surveyTables(sides);
    let cursor: Cursor | null = null;
    const findings = [];
    do {
      const slice: Awaited<ReturnType<typeof findLostRows>> = await findLostRows({
        ...{ ...sides, survey, snapshot, pass, earlier, cursor, now, work: NOTHING },
      });
      cursor = slice.cursor;
      findings.push(...slice.findings);
    } while (!cursor.done);
    return pick(cursor, findings);
  }

  async function report(what: string, earlier: Awaited<ReturnType<typeof search>>): Promise<void> {
    const taken: { scan: number; all: number; second: number }[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const scan = await time(() =>
        sides.live.query('set max_parallel_workers_per_gather = 0; select count(b) from t'),
      );
      const all = await time(() => search('only', null));
      const second = await time(() => search('second', earlier));
      taken.push({ scan, all, second });
    }
    const of = (name: 'scan' | 'all' | 'second') => median(taken.map((one) => one[name]));
    const ratio = median(taken.map(({ scan, second }) => second / scan));
    console.log(
      `${what}: scan ${of('scan').toFixed(0)} ms, all at once ${of('all').toFixed(0)} ms, second pass ${of('second').toFixed(0)} ms, ` +
        `ratio ${ratio.toFixed(2)} (all at once ${median(taken.map(({ scan, all }) => all / scan)).toFixed(2)})`,
    );
    if (what.startsWith('2,000')) process.exitCode = ratio <= LIMIT ? 0 : 1;
  }
});

function pick(cursor: Cursor, findings: Awaited<ReturnType<typeof findLostRows>>['findings']) {
  return { cursor, findings };
}

async function time(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
