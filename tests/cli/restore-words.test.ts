import { expect, test } from '@jest/globals';
import { parseArguments } from '../../cli/arguments.ts';
import { restoreCommand } from '../../cli/commands/restore.ts';
import { acceptedLossText, parseAcceptedLoss } from '../../cli/restore/accept-loss.ts';
import { commandFor } from '../../cli/restore/command-line.ts';
import { readRestore } from '../../cli/restore/settings.ts';
import { type RestoreOrder, restoreOptions } from '../../lib/restore/order.ts';
import { anySeed, randomFrom } from '../support/random.ts';

const AT = { now: new Date('2026-01-31T02:00:00.700Z'), zone: 'Europe/Berlin' };
const DIGEST = 'a'.repeat(64);

/** What the words after the verb ask for. */
const read = (...words: string[]) => readRestore(parseArguments('restore', restoreCommand, words), AT);

test('by itself it stops the application late, waits for hydration, and gives ten minutes to answer', () => {
  expect(read('--to', '10m ago', '--reason', ' orders are gone ')).toEqual({
    order: { to: 'time', time: '2026-01-31T01:50:00.000Z' },
    options: {
      ...{ planDigest: null, acceptLoss: null, freeze: 'late', maxFreezeSeconds: 600, acceptWindowSeconds: 600 },
      ...{ hydrate: true, resume: null },
    },
    reason: 'orders are gone',
  });
});

test('the time to answer is within the time that the application may be stopped', () => {
  const { options } = read('--to', 'latest', '--max-freeze', '90s', '--reason', 'x');
  expect(options).toMatchObject({ maxFreezeSeconds: 90, acceptWindowSeconds: 90 });
});

test.each([
  [['--reason', 'x'], 'To which moment?'],
  [['--to', 'latest', '--snapshot', 's', '--reason', 'x'], '--to and --snapshot say different things.'],
  [['--to', '2026-01-31T03:00:00', '--reason', 'x'], 'has no offset'],
  [['--to', 'latest', '--max-freeze', '10', '--reason', 'x'], '--max-freeze cannot be "10".'],
  [['--to', 'latest', '--plan-digest', 'abc', '--reason', 'x'], '--plan-digest has 64 digits'],
  [['--to', 'latest', '--accept-loss', 'carts', '--reason', 'x'], '--accept-loss cannot be "carts".'],
  [['--to', 'latest', '--accept-loss', 'carts=1,', '--reason', 'x'], '--accept-loss cannot be "carts=1,".'],
  [['--to', 'latest', '--accept-loss', 'carts=1,public.carts=2', '--reason', 'x'], 'It names public.carts twice.'],
  [['--to', 'latest', '--accept-loss', 'carts=-1', '--reason', 'x'], '--accept-loss cannot be'],
])('%j is refused: %s', (words, message) => {
  expect(() => read(...words)).toThrow(message);
});

test('tables of an accepted loss are those of public unless they say otherwise, and may be quoted as SQL does it', () => {
  expect(parseAcceptedLoss('carts=3, shop.orders = 0')).toEqual({ 'public.carts': 3, 'shop.orders': 0 });
  expect(parseAcceptedLoss('public."a,b=1"=2')).toEqual({ 'public."a,b=1"': 2 });
  expect(parseAcceptedLoss('"odd.name"=2')).toEqual({ 'public."odd.name"': 2 });
  expect(parseAcceptedLoss('all')).toBe('all');
  for (const loss of [{ 'public.carts': 3, 'shop.orders': 0 }, { 'public."it\'s"': 1 }]) {
    // As a shell hands it on.
    const word = acceptedLossText(loss).replaceAll(`'\\''`, '\u0000').replaceAll("'", '').replaceAll('\u0000', "'");
    expect(parseAcceptedLoss(word)).toEqual(loss);
  }
});

test('the command that a plan prints asks for the same plan, whatever was asked for', () => {
  const seed = anySeed();
  const { below, pick, chance } = randomFrom(seed);
  for (let round = 0; round < 300; round += 1) {
    const order: RestoreOrder = pick([
      { to: 'latest' },
      { to: 'time', time: new Date(1_700_000_000_000 + below(1e9) * (chance(0.5) ? 1000 : 1)).toISOString() },
      { to: 'run', run: 'carthub-20260101T120000Z-0a1b' },
      { to: 'snapshot', snapshot: 'before-012' },
    ]);
    const maxFreezeSeconds = pick([600, 60, 1_800]);
    const options = restoreOptions.parse({
      ...{ order, planDigest: DIGEST, freeze: pick(['late', 'now']), maxFreezeSeconds, hydrate: chance(0.5) },
      acceptLoss: pick([null, 'all', { 'public.carts': below(9), 'shop.orders': 2 }]),
      acceptWindowSeconds: pick([Math.min(600, maxFreezeSeconds), 30]),
      resume: chance(0.2) ? 'carthub-20260131T021500Z-9c3d' : null,
    });
    const line = commandFor(options, { flags: '', digest: DIGEST, reason: 'why' });
    const words = line.split(' ').slice(3);
    const { order: readOrder, options: readOptions } = read(...words);
    expect({ seed, line, ...readOptions, order: readOrder ?? order }).toEqual({ seed, line, ...options });
  }
});
