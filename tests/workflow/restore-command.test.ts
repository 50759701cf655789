import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as z from 'zod/mini';
import { InterruptedError } from '../../cli/errors.ts';
import { run } from '../../cli/run.ts';
import { VERBS } from '../../cli/verbs.ts';
import { type Connect, connectTo, missingFrom, openShop, type Shop } from '../../docs/demo/shop.ts';
import { tellStory } from '../../docs/demo/story.ts';
import { parseDatabaseSecret } from '../../lib/postgres/connect.ts';
import { lossDocument } from '../../lib/restore/loss-document.ts';
import { testContext } from '../cli/context.ts';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';
import { readSecret } from '../support/secret.ts';
import { until } from '../support/until.ts';

// One cloud, and one story after the other, as they would happen to a team: each goes on where the one before ended.
let cloud: TestCloud;
let connect: Connect;
let shop: Shop;
beforeAll(async () => {
  cloud = await startTestCloud();
  connect = connectTo(parseDatabaseSecret(await readSecret(cloud)), await readFile(cloud.cloud.databaseCaFile, 'utf8'));
}, 60_000);
afterAll(async () => {
  await shop?.close();
  await cloud?.stop();
});

/** `carthub-db` as somebody types it who answers the questions in their order; null is nobody there. */
function type(words: string[], answers: readonly (string | (() => string | null))[] = []) {
  const { context, out, err, interrupt } = testContext({ watched: true });
  const questions: string[] = [];
  context.terminal.ask = async (question, withdrawn) => {
    const answer = answers[questions.length] ?? null;
    questions.push(question);
    const said = typeof answer === 'function' ? answer() : answer;
    if (said !== null) return said;
    return new Promise((resolve) => withdrawn?.addEventListener('abort', () => resolve(null), { once: true }));
  };
  const where = words.includes('--local') ? [] : ['--local', '--data', cloud.data];
  const code = run([...words, ...where], VERBS, context);
  const end = code.then((code) => ({ code, out: out.join('\n'), err: err.join('\n'), questions }));
  return { end, err, interrupt };
}

/** The moment at which something is, as a restore takes it: a whole second that the database's clock has passed. */
async function moment(): Promise<string> {
  const [row] = await cloud.query<{ at: string }>(
    `select to_char(date_trunc('second', clock_timestamp() + interval '1 s') at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as at`,
  );
  const at = row?.at ?? '';
  await until(`${at} to pass`, async () => (await cloud.query('select 1 where clock_timestamp() > $1', [at])).length);
  return at;
}

const carts = async (name: string) =>
  (await cloud.query<{ n: number }>('select count(*)::int as n from carts where customer_id like $1', [`${name}-%`]))[0]
    ?.n;

const someMore = async () => {
  const wanted = shop.ledger.size + 20;
  await until('some customers', async () => shop.ledger.size > wanted);
};

async function lossOf(id: string) {
  const { tables } = lossDocument.parse(await cloud.document(`runs/${id}/restore/loss.json`));
  return Object.fromEntries(tables.map(({ table, lost }) => [table, lost]));
}

const runOf = (text: string) => /^Run (\S+)$/m.exec(text)?.[1] ?? '';

/** Before anything of the restores below. */
let first: string;

test('the demo ends as it is told: the breaking migration is put back, and none of the customers’ rows is missing', async () => {
  const told: string[] = [];
  const isGood = await tellStory({
    ...{ migrations: join(cloud.data, '../migrations'), connect, say: (text) => told.push(text) },
    async type(_, ...words) {
      const { code, err } = await type(words).end;
      told.push(err);
      return code;
    },
  });
  expect({ isGood, told: isGood ? '' : told.join('\n') }).toEqual({ isGood: true, told: '' });
  const text = told.join('\n');
  expect(text).toMatch(/FailedRestored: carthub is at version 11\./);
  expect(text).toMatch(/lost +nothing, proved\n/);
  expect(text).toMatch(/settings +(every field as before|AvailabilityZone is)/);
  expect(text).toContain('None of them is missing or changed.');
  expect(await cloud.query(`select 1 from pg_attribute where attname = 'price_cents'`)).toEqual([]);
  first = await moment();
}, 240_000);

test('a plan changes nothing, and its command is refused when it no longer says what would be done', async () => {
  const { end } = type(['restore', '--plan', '--to', first, '--json', '--reason', 'the carts of today']);
  const { code, out } = await end;
  expect(code).toBe(0);
  const { command, plan } = z
    .object({ command: z.string(), plan: z.looseObject({ digest: z.string() }) })
    .parse(JSON.parse(out));
  expect(command).toBe(
    `npx carthub-db restore --local --data ${cloud.data} --to ${first} --plan-digest ${plan.digest} --reason 'the carts of today'`,
  );
  const stale = ['--plan-digest', plan.digest.replace(/./g, '0'), '--reason', 'x'];
  const refused = await type(['restore', '--to', first, ...stale]).end;
  expect(refused).toMatchObject({ code: 7, questions: [] });
  expect(refused.err).toContain('PlanChangedError');
  expect(refused.err).toContain(`npx carthub-db restore --local --data ${cloud.data}`);
}, 60_000);

test('to a moment: who says no loses nothing; taken up again it asks when more is lost than was named, and any terminal may answer', async () => {
  shop = openShop(connect, 'no');
  await someMore();
  const at = await moment();
  await someMore();
  const kept = await carts('no');
  const said = await type(['restore', '--to', at], ['y', 'the carts of today', 'n']).end;
  expect(said).toMatchObject({
    code: 8,
    questions: [
      expect.stringContaining('Do it?'),
      expect.stringContaining('Why?'),
      expect.stringContaining('Let go of'),
    ],
  });
  const resume = `npx carthub-db restore --local --data ${cloud.data} --resume ${runOf(said.err)} --accept-loss public.`;
  expect(said.err).toContain(`accept the loss and finish: ${resume}`);
  await someMore();
  expect(await missingFrom(connect, { ...shop, ledger: new Map(shop.ledger) })).toEqual([]);
  expect(await carts('no')).toBeGreaterThan(kept ?? 0);

  // More is lost by now than that. Frozen while somebody is asked, so that the ledger stands still; and the terminal goes.
  const bounds = ['--accept-loss', 'public.carts=1,public.cart_items=1', '--reason', 'seen'];
  const { end, err, interrupt } = type(['restore', '--resume', runOf(said.err), ...bounds]);
  await until('the question', async () => err.some((line) => line.startsWith('From another terminal: ')));
  const frozen = { ...shop, ledger: new Map(shop.ledger) };
  interrupt(new InterruptedError('Interrupted.', { remedy: 'Start it again.', exitCode: 130 }));
  const gone = await end;
  const id = runOf(gone.err);
  const goOn = `npx carthub-db restore --local --data ${cloud.data} --resume ${id}`;
  expect(gone.code).toBe(130);
  expect(gone.err).toContain(`It goes on without this command.\nRemedy: See how it goes: ${goOn}`);
  expect((await type(['status']).end).out).toContain(`Go along with it, and answer it: ${goOn}`);

  // What was printed for another terminal is typed there.
  const hint = /^From another terminal: npx carthub-db (.*) "why"$/m.exec(gone.err)?.[1] ?? '';
  const done = await type([...hint.split(' '), 'seen by two']).end;
  await shop.close();
  expect({ code: done.code, err: done.code === 0 ? '' : done.err }).toEqual({ code: 0, err: '' });
  expect(done.err).toContain(`Run ${id} is under way; what you accept is written down for it.`);
  expect(done.err).toMatch(/Restored: carthub is at version 11\.\n/);
  const lost = (await lossOf(id))['public.carts'] ?? 0;
  // A cart from before the moment may lack what was put into it after: then its row is there.
  const isThere = /: (\S+) has \d+; the database: \1 has /;
  const missing = (await missingFrom(connect, frozen)).filter((line) => !isThere.test(line)).length;
  expect(missing).toBeGreaterThan(0);
  // One may have been committed of which nobody was told any more.
  expect([missing, missing + 1]).toContain(lost);
  expect(await cloud.document(`runs/${id}/restore/acceptance.json`)).toMatchObject({ reason: 'seen by two' });
}, 180_000);

test('to a moment before the restores of before, at once and without waiting for the storage: the logs of an older instance lead there', async () => {
  const { end } = type(
    ['restore', '--to', first, '--freeze', 'now', '--no-hydrate', '--accept-loss', 'all', '--reason', 'all of it'],
    ['y'],
  );
  const { code, err } = await end;
  expect({ code, err: code === 0 ? '' : err }).toEqual({ code: 0, err: '' });
  expect(err).toMatch(/ served the database then: its logs are replayed\./);
  expect(err).toMatch(/FreezeAtOnce/);
  expect(err).not.toMatch(/WaitForBlocks/);
  expect(err).toMatch(/settings +(every field as before\n|AvailabilityZone is .*\n.*\n) +old one/);
  expect(await carts('no')).toBe(0);
  expect(await carts('customer')).toBeGreaterThan(0);
}, 120_000);
