import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '../../embedded/error-code.ts';
import { compare } from '../../lib/schema/compare.ts';
import type { Difference } from '../../lib/schema/difference.ts';
import type { SchemaDocument } from '../../lib/schema/document.ts';
import { parseDocument, SchemaDocumentError } from '../../lib/schema/parse-document.ts';
import { printDocument } from '../../lib/schema/print-document.ts';

/** The file beside the migrations that holds the schema which they make, for people and for `git diff`. */
export function schemaFile(folder: string): string {
  return join(folder, 'schema.txt');
}

/** Its content. @param prelude the name of the file that ran before the migrations, when one did */
export function schemaText(document: SchemaDocument, version: number, prelude: string | null): string {
  return printDocument(document, [
    `What the migrations up to version ${version} make of an empty PostgreSQL 15${prelude === null ? '' : `, after ${prelude}`}.`,
    'Made by `carthub-db schema`. Do not edit.',
  ]);
}

/** Why a file is not what it should be. */
export type Stale = { why: string; differences: Difference[] };

/** Whether the file holds this text; null when it does. A file that is not there is stale as well. */
export async function staleness(file: string, text: string): Promise<Stale | null> {
  const found = await readIfThere(file);
  if (found === text) return null;
  if (found === null) return { why: 'it is not there', differences: [] };
  const differences = differencesOf(text, found, file);
  if (differences === null) return { why: 'it holds no schema', differences: [] };
  if (differences.length > 0) return { why: 'the migrations make another schema', differences };
  return { why: 'only its version, its heading or its form is another', differences };
}

export async function readIfThere(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
}

/** Null when what was found is no document. */
function differencesOf(text: string, found: string, file: string): Difference[] | null {
  try {
    return compare(parseDocument(text, 'the new text'), parseDocument(found, file), { columnOrder: 'compared' })
      .differences;
  } catch (error) {
    if (error instanceof SchemaDocumentError) return null;
    throw error;
  }
}
