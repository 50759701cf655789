import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../embedded/error-code.ts';
import { digestOf } from './pack.ts';

/** What went into a build: the SHA-256 of each file by its path from the root; null for one that was not there. */
export type Inputs = Record<string, string | null>;

/**
 * What every build depends on although no bundle consists of it: how packages are resolved, and with what is built. Each
 * install of packages writes the second anew.
 */
const STANDING = [
  'package.json',
  'node_modules/.package-lock.json',
  'node_modules/esbuild/package.json',
  'tsconfig.json',
];

export function digestsOf(root: string, inputs: readonly string[]): Inputs {
  const all = new Set([...STANDING, ...inputs]);
  return Object.fromEntries([...all].map((input) => [input, digest(root, input)]));
}

/** Whether every file has the content still that it had. */
export function isUnchanged(root: string, inputs: Inputs): boolean {
  return Object.entries(inputs).every(([input, was]) => digest(root, input) === was);
}

/** Whether one of the files may have changed since, by a time that unlike that of the last modification counts a rename and cannot be set. */
export function changedSince(time: number, root: string, inputs: readonly string[]): boolean {
  const changed = (input: string) => statSync(join(root, input), { throwIfNoEntry: false })?.ctimeMs ?? time;
  return inputs.some((input) => changed(input) >= time);
}

function digest(root: string, input: string): string | null {
  try {
    return digestOf(readFileSync(join(root, input))).toString('hex');
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'EISDIR')) return null;
    throw error;
  }
}
