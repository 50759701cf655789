import { restoration } from '../lib/runs/restoration.ts';
import { startTestCloud, type TestCloud } from '../tests/support/cloud.ts';
import {
  endLedgers,
  holdLossAgainst,
  refusedBeside,
  restoreTo,
  stoppedBetween,
} from '../tests/support/ledger-restores.ts';
import { differingRows, LEDGER_TABLES, type Ledgers, startLedgers } from '../tests/support/ledgers.ts';
import { until } from '../tests/support/until.ts';

/**
 * Four clients write all the time, one of which sets its sessions read-write, and each keeps a ledger of what the server acknowledged; meanwhile the
 * database is put back, by a migration that breaks half way under `--on-failure auto` and by a person to a moment, whose loss is accepted: `node
 * bench/ledgers.ts [rounds]`. A row of the table for each; fails when one was not cut over, missed a row, or stopped the application at another time.
 */
const rounds = Number(process.argv[2] ?? 3);

const BASE = { '001.do.base.sql': `create table carts (id serial primary key, total int not null);${LEDGER_TABLES}` };
const BREAKING = (round: number) => `-- carthub: no-transaction
alter table carts add column cents_${round} integer;
do $$ begin
  for part in 0..4 loop update carts set cents_${round} = total * 100 where id % 5 = part; commit; end loop;
  raise exception 'half way';
end $$;
`;

type Round = {
  outcome: string | null;
  run: string;
  wrong: string[];
  missing: number;
  reported: number | null;
  frozen: number | null;
};

const cloud = await startTestCloud();
try {
  await cloud.migrate(BASE);
  await cloud.query('insert into carts (total) select n from generate_series(1, 1000) n');
  console.log(
    '| how | outcome | acknowledged | rows in ledgers | missing | reported as lost | stopped, s | longest wait, s | turned away | beside |',
  );
  console.log('| --- | --- | --: | --: | --: | --: | --: | --: | --: | --: |');
  let failed = 0;
  for (let round = 1; round <= rounds; round += 1) {
    for (const [how, go] of [
      ['auto', breakIt],
      ['to a moment', goBack],
    ] as const) {
      const ledgers = startLedgers(cloud.session, {
        earlier: round * 10_000 + (how === 'auto' ? 0 : 5_000),
      });
      const tried = await go(cloud, ledgers, round);
      const stopped = await stoppedBetween(cloud, tried.run);
      const beside = refusedBeside(ledgers, stopped).length;
      const waits = ledgers.acknowledged.toSorted((a, b) => a - b).map((at, index, all) => at - (all[index - 1] ?? at));
      const cells = [
        ...[
          how,
          tried.outcome,
          ledgers.acknowledged.length,
          ledgers.rows.size,
          tried.missing,
          tried.reported ?? '-',
          tried.frozen,
        ],
        ...[(Math.max(...waits) / 1000).toFixed(1), ledgers.refused.length, beside],
      ];
      console.log(`| ${cells.join(' | ')} |`);
      for (const what of tried.wrong) console.error(what);
      const isCutOver = tried.outcome === 'FailedRestored' || tried.outcome === 'Restored';
      if (!isCutOver || tried.wrong.length > 0 || beside > 0) failed += 1;
    }
  }
  process.exitCode = failed === 0 ? 0 : 1;
} finally {
  await cloud.stop();
}

/** Under auto everything is given to the restored database. */
async function breakIt(cloud: TestCloud, ledgers: Ledgers, round: number): Promise<Round> {
  await until('some writes', async () => ledgers.acknowledged.length > 100);
  const { json } = await cloud.migrate({ ...BASE, [`002.do.break-${round}.sql`]: BREAKING(round) });
  const found = await endLedgers(cloud, ledgers);
  const missing = differingRows(ledgers.rows, found);
  const { frozenSeconds, done, reason } = restoration.parse(json.restore);
  if (!done) throw new Error(`${json.outcome}: ${reason}`);
  return {
    ...{ outcome: json.outcome, run: String(json.run), missing: missing.length, reported: null, frozen: frozenSeconds },
    wrong: missing.map((key) => `${key} is missing`),
  };
}

/** What is lost must be what the report has, row by row. */
async function goBack(cloud: TestCloud, ledgers: Ledgers, round: number): Promise<Round> {
  await until('some writes', async () => ledgers.acknowledged.length > 100);
  // A second is the finest there is, and the clients of before wrote in the last one.
  const [now] = await cloud.query<{ at: string }>(
    `select to_char((clock_timestamp() + interval '1 second') at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as at`,
  );
  await until('more writes', async () => ledgers.acknowledged.length > 500);
  const { outcome, run, restore } = await restoreTo(cloud, `to-a-moment-${round}`, String(now?.at));
  const found = await endLedgers(cloud, ledgers);
  const loss = await holdLossAgainst({ cloud, ledgers, run, found });
  return { ...loss, outcome, run, frozen: restore?.frozenSeconds ?? null };
}
