import { describe, expect, test } from '@jest/globals';
import { run } from '../../cli/run.ts';
import { VERBS } from '../../cli/verbs.ts';
import { testContext } from './context.ts';

async function cli(...words: string[]) {
  const { context, out, err } = testContext();
  const code = await run(words, VERBS, context);
  return { code, out: out.join('\n'), err: err.join('\n') };
}

test.each([['--help'], ['-h'], ['help'], ['local', '--help']])(
  'lists every verb: carthub-db %s %s',
  async (...words) => {
    const { code, out } = await cli(...words.filter((word) => word !== undefined));
    expect(code).toBe(0);
    for (const { name } of VERBS) expect(out).toContain(`  ${name} `);
  },
);

describe.each(VERBS.map(({ name }) => name))('%s --help', (name) => {
  test('documents every option and every exit code', async () => {
    const verb = VERBS.find((one) => one.name === name);
    const command = await verb?.load();
    const { code, out } = await cli(...name.split(' '), '--help');
    expect(code).toBe(0);
    for (const option of Object.keys(command?.options ?? {})) expect(out).toContain(`--${option}`);
    for (const exit of command?.exits ?? []) expect(out).toMatch(new RegExp(`^ +${exit.code} +\\S`, 'm'));
    expect(command?.exits.map((exit) => exit.code)).toEqual(expect.arrayContaining([0, 1, 2]));
    expect(command?.examples).not.toHaveLength(0);
    expect((await cli('help', ...name.split(' '))).out).toBe(out);
  });
});

test.each([
  [['migrat'], 'There is no verb "migrat"; did you mean migrate?'],
  [['local'], 'There is no verb "local"; did you mean local up?'],
  [['local', 'rest'], 'There is no verb "local rest"; did you mean local reset?'],
  [['frobnicate'], 'There is no verb "frobnicate".'],
  [['--local', 'migrate'], 'The verb comes first, before --local.'],
  [['migrate', '--locla'], 'Unknown option --locla; did you mean --local?'],
  [['migrate', '--frobnicate'], 'Unknown option --frobnicate.'],
  [['migrate', '-x'], 'Unknown option -x.'],
  [['migrate', '--data'], '--data needs a value: --data DIR.'],
  [['migrate', '--data', '--local'], '--data needs a value: --data DIR.'],
  [['migrate', '--data='], '--data needs a value: --data DIR.'],
  [['migrate', '--local=yes'], '--local takes no value.'],
  [['migrate', '--local', '--local'], '--local is given twice.'],
  [['migrate', '--on-failure', 'restoer'], '--on-failure cannot be "restoer"; did you mean restore?'],
  [['migrate', '--local', '--time-scale', '0'], '--time-scale must be a number above zero, not "0".'],
  [['migrate', '--local', '--time-scale', 'fast'], '--time-scale must be a number above zero, not "fast".'],
  [['migrate', 'extra'], '"extra" is one word too many.'],
  [['migrate', '--data', '/tmp/x'], '--data is of the local cloud.'],
  [['migrate'], 'On AWS the Job needs an image.'],
  [['migrate', '--local', '--database', 'Not A Name'], '"Not A Name" is no name of a database.'],
  [['query', '--local'], 'There is no SQL.'],
  [['query', 'select', '1'], '"1" is one word too many.'],
  [['accept-state', '--local'], 'A reason is needed.'],
  [['accept-state', '--local', '--reason', '  '], 'A reason is needed.'],
  [['accept-state', '--reason', 'x', '--resume-at', '012.do.x.sql'], '--resume-at cannot be "012.do.x.sql".'],
  [['accept-state', '--reason', 'x', '--resume-at', '012.do.x.sql:0'], '--resume-at cannot be "012.do.x.sql:0".'],
  [['local', 'up', '--port', '99999'], '--port must be a whole number below 65536, not 99999.'],
])('refuses %j with code 2, what is wrong and a remedy', async (words, message) => {
  const { code, out, err } = await cli(...words);
  expect(code).toBe(2);
  expect(out).toBe('');
  expect(err).toContain(message);
  expect(err).toMatch(/^Remedy: \S/m);
});

test('prints exactly one JSON document on standard output for wrong usage with --json', async () => {
  const { code, out } = await cli('migrate', '--locla', '--json');
  expect(code).toBe(2);
  expect(JSON.parse(out)).toMatchObject({
    outcome: null,
    version: { before: null, after: null },
    files: [],
    snapshot: null,
    restore: null,
    error: { name: 'UsageError', remedy: expect.any(String), file: null, line: null, column: null },
    timeline: [],
    timeScale: null,
  });
});

test('without a verb shows the overview on standard error, with code 2', async () => {
  const { code, out, err } = await cli();
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain('Usage: carthub-db <verb>');
});
