import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import * as z from 'zod/mini';
import { restoreReport } from '../../lib/restore/timings.ts';
import { keys } from '../../lib/runs/keys.ts';
import type { OutcomeRecord } from '../../lib/runs/record.ts';
import type { TestCloud } from './cloud.ts';
import { settled } from './execution.ts';
import { differingRows, type Ledgers, readLedgerTables } from './ledgers.ts';
import { until } from './until.ts';

/** Lets the clients write some more, ends them, and reads what the database has. */
export async function endLedgers(cloud: TestCloud, ledgers: Ledgers): Promise<Map<string, string>> {
  const wrote = ledgers.acknowledged.length;
  await until('writes after it', async () => ledgers.acknowledged.length > wrote + 20);
  await ledgers.stop();
  const client = await cloud.session();
  try {
    return await readLedgerTables(client);
  } finally {
    await client.end();
  }
}

/** From when until when the application was stopped, by the report. */
export async function stoppedBetween(cloud: TestCloud, run: string): Promise<{ since: number; until: number }> {
  const { phases } = restoreReport.parse(await cloud.document(keys.restore.report(run)));
  const frozen = phases.find(({ phase }) => phase === 'frozen');
  if (!frozen) throw new Error(`${run} does not say when the application was stopped.`);
  return { since: Date.parse(frozen.since), until: Date.parse(frozen.until) };
}

/** When clients were turned away although the application was not stopped. */
export function refusedBeside({ refused }: Ledgers, { since, until }: { since: number; until: number }): number[] {
  return refused.filter((at) => at < since || at > until + 1_000);
}

/** Puts the database back to the moment, whatever is lost by that. */
export async function restoreTo(cloud: TestCloud, name: string, time: string): Promise<OutcomeRecord> {
  const { region, account } = cloud.cloud;
  const { executionArn = '' } = await cloud.sfn.send(
    new StartExecutionCommand({
      stateMachineArn: `arn:aws:states:${region}:${account}:stateMachine:carthub-db-carthub-restore`,
      name,
      input: JSON.stringify({
        ...{ database: 'carthub', order: { to: 'time', time }, acceptLoss: 'all' },
        ...{ reason: 'a test', requestedBy: 'a test' },
      }),
    }),
  );
  return settled(cloud, executionArn, 3);
}

const row = z.nullable(z.object({ note: z.optional(z.string()), what: z.optional(z.string()) }));
const lostRow = z.object({ table: z.string(), key: z.object({ id: z.string() }), live: row, copy: row });

/**
 * Holds the rows that a restore reports as lost against the ledgers: what they held when the application was stopped and the database has not
 * got. What was committed without an answer is in the report, and in no ledger for sure.
 */
export async function holdLossAgainst(options: {
  cloud: TestCloud;
  ledgers: Ledgers;
  run: string;
  found: ReadonlyMap<string, string>;
}): Promise<{ reported: number; missing: number; wrong: string[] }> {
  const { cloud, ledgers, run, found } = options;
  const { since, until } = await stoppedBetween(cloud, run);
  const stopped = ledgers.at((since + until) / 2);
  const lines = ((await cloud.text(keys.restore.lost(run))) ?? '').split('\n').filter((line) => line !== '');
  const reported = new Map(
    lines
      .map((line) => lostRow.parse(JSON.parse(line)))
      .map((one) => [`${one.table.replace('public.', '')} ${one.key.id}`, one]),
  );
  const missing = differingRows(stopped, found);
  return {
    ...{ reported: reported.size, missing: missing.length },
    wrong: [
      ...missing.filter((key) => !reported.has(key)).map((key) => `${key} is missing and not reported`),
      ...[...reported].flatMap(([key, { live, copy }]) => {
        const states = stopped.get(key) ?? [];
        const isLost = states.length > 1 || missing.includes(key);
        const isSame =
          states.includes(live?.note ?? live?.what ?? null) &&
          (copy?.note ?? copy?.what ?? null) === (found.get(key) ?? null);
        return isLost && isSame ? [] : [`${key} is reported, and is not so`];
      }),
    ],
  };
}
