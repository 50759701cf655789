import { expect, test } from '@jest/globals';
import { arrowFindings, type Room, sizeFindings, sources, worldFindings } from './sources.ts';

/** Arrows between the rooms: who may use whom. Tests, docs and bench may use all of them. */
const ROOMS: Record<string, Room> = {
  lib: { may: [] },
  functions: { may: ['lib'] },
  runner: { may: ['lib'] },
  cli: { may: ['lib', 'embedded', 'builds'] },
  embedded: { may: ['lib/errors.ts', 'builds'] },
  builds: { may: ['embedded/error-code.ts', 'embedded/processes.ts'] },
  // A test double that used the domain would share its mistakes.
  local: { may: ['embedded', 'builds', 'lib/errors.ts'], types: ['lib'] },
};

test('no file is longer than 300 lines', async () => {
  expect(sizeFindings(await sources())).toEqual([]);
});

test('imports follow the arrows: everything may use lib, lib uses nothing, nothing uses cli or local', async () => {
  const all = await sources();
  expect(all.length).toBeGreaterThan(20);
  expect(arrowFindings(all, ROOMS)).toEqual([]);
});

test('lib is told the time and its settings, and says nothing by itself', async () => {
  expect(worldFindings(await sources(), 'lib')).toEqual([]);
});

test('sees a file that is too long', () => {
  const lines = (count: number) => `${'x\n'.repeat(count)}`;
  expect(sizeFindings([{ path: 'a.ts', text: lines(300) }])).toEqual([]);
  expect(sizeFindings([{ path: 'a.ts', text: lines(301) }])).toEqual(['a.ts: has 301 lines, more than 300']);
});

test.each([
  { what: 'a value', text: "import { a } from '../local/a.ts';" },
  { what: 'a value over several lines', text: "import {\n  a,\n  type B,\n} from '../local/a.ts';" },
  { what: 'everything', text: "import * as a from '../local/a.ts';" },
  { what: 'a default and a type', text: "import a, { type B } from '../local/a.ts';" },
  { what: 'an effect', text: "import '../local/a.ts';" },
  { what: 'a type', text: "import type { A } from '../local/a.ts';" },
  { what: 'a passing on', text: "export { a } from '../local/a.ts';" },
  { what: 'a late import', text: "const a = await import('../local/a.ts');" },
])('sees an import against the arrows: $what', ({ text }) => {
  expect(arrowFindings([{ path: 'cli/x.ts', text }], ROOMS)).toEqual(['cli/x.ts: imports local/a.ts']);
});

test('tells types from values, one file from its folder, and leaves packages alone', () => {
  const from = (text: string) => arrowFindings([{ path: 'local/x/y.ts', text }], ROOMS);
  expect(from("import type { Run } from '../../lib/runs/run.ts';")).toEqual([]);
  expect(from("import { run } from '../../lib/runs/run.ts';")).toEqual(['local/x/y.ts: imports lib/runs/run.ts']);
  expect(from("import { CarthubError } from '../../lib/errors.ts';")).toEqual([]);
  expect(from("import { other } from '../z.ts';\nimport { Client } from 'pg';")).toEqual([]);
  expect(arrowFindings([{ path: 'lib/a.ts', text: "import { x } from '../library/x.ts';" }], ROOMS)).toHaveLength(1);
});

test.each([
  { what: 'the environment', text: 'const a = process.env.A;' },
  { what: 'the environment by another name', text: "const a = process['env'].A;" },
  { what: 'the console', text: "console.log('here');" },
  { what: 'the date', text: 'const now = new Date();' },
  { what: 'the time', text: 'const now = Date.now();' },
])('sees lib reach for $what', ({ text }) => {
  expect(worldFindings([{ path: 'lib/a.ts', text }], 'lib')).toHaveLength(1);
  expect(worldFindings([{ path: 'cli/a.ts', text }], 'lib')).toEqual([]);
  expect(worldFindings([{ path: 'lib/a.ts', text: `/** ${text} */\n// ${text}\n` }], 'lib')).toEqual([]);
});

test('lets lib make dates of what it is given', () => {
  expect(worldFindings([{ path: 'lib/a.ts', text: 'const then = new Date(0);' }], 'lib')).toEqual([]);
});
