import { readdir, readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';

/** A file of the repository, by its path from the root. */
export type Source = { path: string; text: string };

const ROOT = join(import.meta.dirname, '../..');
const NO_SOURCES = new Set(['node_modules', '.git', '.carthub-db', '.serverless', '.esbuild', 'coverage']);

/** Every TypeScript and JavaScript file of the repository. */
export async function sources(folder = ''): Promise<Source[]> {
  const entries = await readdir(join(ROOT, folder), { withFileTypes: true });
  const found = entries.map(async (entry): Promise<Source[]> => {
    const path = posix.join(folder, entry.name);
    if (entry.isDirectory()) return NO_SOURCES.has(entry.name) ? [] : sources(path);
    if (!/\.[cm]?[jt]s$/.test(entry.name)) return [];
    return [{ path, text: await readFile(join(ROOT, path), 'utf8') }];
  });
  return (await Promise.all(found)).flat();
}

const MOST_LINES = 300;

/** Files that are too long to be about one thing. */
export function sizeFindings(all: readonly Source[]): string[] {
  return all
    .map(({ path, text }) => ({ path, lines: text.trimEnd().split('\n').length }))
    .filter(({ lines }) => lines > MOST_LINES)
    .map(({ path, lines }) => `${path}: has ${lines} lines, more than ${MOST_LINES}`);
}

/** What a room may import besides itself; `types` by `import type` only. What is not listed may import anything. */
export type Room = { may: readonly string[]; types?: readonly string[] };

/** Imports that go against the arrows between the rooms. */
export function arrowFindings(all: readonly Source[], rooms: Readonly<Record<string, Room>>): string[] {
  return all.flatMap(({ path, text }) => {
    const name = roomOf(path);
    const room = rooms[name];
    if (room === undefined) return [];
    return importsOf(path, text).flatMap(({ target, type }) => {
      const allowed = [name, ...room.may, ...(type ? (room.types ?? []) : [])];
      if (allowed.some((one) => target === one || target.startsWith(`${one}/`))) return [];
      return [`${path}: imports ${target}`];
    });
  });
}

const roomOf = (path: string) => path.split('/')[0] ?? '';

const STATEMENT = /\b(import|export)\s+(type\s+)?(?:[\w*{}\s,$]+?\s+from\s+)?(['"])(\.[^'"]+)\3/g;
const CALL = /\bimport\s*\(\s*(['"`])(\.[^'"`]+)\1/g;

/** What a file imports of the repository, from the root. */
function importsOf(path: string, text: string): { target: string; type: boolean }[] {
  const resolve = (specifier: string) => posix.join(posix.dirname(path), specifier);
  return [
    ...[...text.matchAll(STATEMENT)].map((match) => ({
      target: resolve(match[4] ?? ''),
      type: match[2] !== undefined,
    })),
    ...[...text.matchAll(CALL)].map((match) => ({ target: resolve(match[2] ?? ''), type: false })),
  ];
}

const FORBIDDEN: readonly { what: RegExp; reason: string }[] = [
  { what: /\bprocess\s*\.\s*env\b|\bprocess\s*\[/, reason: 'reads the environment, which its caller has to' },
  { what: /\bconsole\s*\./, reason: 'writes to the console, which its caller has to' },
  { what: /\bnew Date\(\s*\)|\bDate\.now\(|\bperformance\.now\(/, reason: 'has a clock of its own' },
];

/** What a folder's files take from the world around them although it should be handed to them. */
export function worldFindings(all: readonly Source[], folder: string): string[] {
  return all
    .filter(({ path }) => path.startsWith(`${folder}/`))
    .flatMap(({ path, text }) => {
      const code = text.replace(/\/\*[\s\S]*?\*\/|(^|\s)\/\/.*$/gm, '');
      return FORBIDDEN.filter(({ what }) => what.test(code)).map(({ reason }) => `${path}: ${reason}`);
    });
}
