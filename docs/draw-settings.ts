import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Treatment, treatments } from '../lib/restore/settings/fields.ts';

/** Writes the tables of settings into their page, from the one list that a restore goes by. A test fails when the page is older. */

export const SETTINGS_PAGE = join(import.meta.dirname, 'settings.md');

const MARKS = /(<!-- settings:begin -->\n)[\s\S]*(\n<!-- settings:end -->)/;

/** What is said of a kind of fields, in the order in which they matter to a reader. */
const KINDS: readonly [Treatment['how'], string, string][] = [
  ['passed', 'Passed to the restore call', 'what a restore makes of it when it is left out'],
  ['second step', 'Given by a second step', 'what a restore makes of it; no restore call takes it'],
  ['inherited', 'Kept by the restore', 'why'],
  ['listed', 'Nobody can give it to the copy', 'what is left to a person'],
  ['identity', "Each instance's own", 'why'],
  ['state', 'Of a moment', 'what it tells'],
];

/** Every field of an instance, by how a copy comes to have it. */
export function settingsTables(): string {
  return KINDS.map(([how, heading, why]) => {
    const fields = [...treatments].filter(([, treatment]) => treatment.how === how);
    const rows = fields.map(([field, treatment]) => `| \`${field}\` | ${treatment.why} |`);
    return [`## ${heading}: ${fields.length}`, '', `| field | ${why} |`, '| --- | --- |', ...rows].join('\n');
  }).join('\n\n');
}

/** The page with the tables as they are now. */
export function withTables(page: string): string {
  return page.replace(MARKS, (_, begin: string, end: string) => `${begin}${settingsTables()}${end}`);
}

if (import.meta.main) await writeFile(SETTINGS_PAGE, withTables(await readFile(SETTINGS_PAGE, 'utf8')));
