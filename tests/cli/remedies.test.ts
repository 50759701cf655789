import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { Command } from '../../cli/command.ts';
import { VERBS } from '../../cli/verbs.ts';
import { sources } from '../guards/sources.ts';

const ROOT = join(import.meta.dirname, '../..');

/** A command in a text of ours, up to where the sentence goes on. */
const COMMAND =
  /(?<!\.)carthub-db ((?:[a-z][a-z-]*)(?: (?:up|reset|show|expire)\b)?)((?: (?:--[a-z-]+|[A-Z0-9_]+|[A-Z_]+=[A-Z_,.]+)| \$\{[^}]*\})*)/g;

/** Words that follow our name where nothing is to be typed. */
const PROSE = new Set(['does']);

async function commands(): Promise<Map<string, Command>> {
  return new Map(await Promise.all(VERBS.map(async (verb) => [verb.name, await verb.load()] as const)));
}

/** What a text tells people to type that the command line does not know. */
function unknown(text: string, known: Map<string, Command>): string[] {
  return [...text.matchAll(COMMAND)].flatMap(([, verb = '', rest = '']) => {
    const command = known.get(verb);
    if (PROSE.has(verb)) return [];
    if (command === undefined) return [`carthub-db ${verb}`];
    const options = [...rest.matchAll(/--([a-z-]+)/g)].map(([, name = '']) => name);
    return options.flatMap((name) => (command.options[name] === undefined ? [`carthub-db ${verb} --${name}`] : []));
  });
}

async function pages(): Promise<{ path: string; text: string }[]> {
  const names = (await readdir(join(ROOT, 'docs'))).filter((name) => name.endsWith('.md'));
  const paths = ['README.md', 'buildspec.yml', ...names.map((name) => join('docs', name))];
  return Promise.all(paths.map(async (path) => ({ path, text: await readFile(join(ROOT, path), 'utf8') })));
}

test('every command that a remedy, a message or a page names is there, with the options that it is given', async () => {
  const known = await commands();
  const code = (await sources()).filter(({ path }) => /^(lib|functions|runner|cli|docs)\//.test(path));
  const texts = [...code, ...(await pages())];
  expect(texts.length).toBeGreaterThan(100);
  expect(texts.flatMap(({ path, text }) => unknown(text, known).map((each) => `${path}: ${each}`))).toEqual([]);
});

test('sees a verb and an option that are not there', async () => {
  const known = await commands();
  expect(unknown('Try: carthub-db restore --plan --befor-run RUN, or carthub-db sweep', known)).toEqual([
    'carthub-db restore --befor-run',
    'carthub-db sweep',
  ]);
  expect(unknown('npx carthub-db local up, carthub-db quarantine --lift FILE --reason TEXT', known)).toEqual([]);
});
