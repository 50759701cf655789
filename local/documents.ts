import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Writes a JSON document whole or not at all: under a temporary name, then renamed. It survives a killed process; it is not
 * synced, so a crash of the machine may lose the last second.
 */
export async function writeDocument(file: string, document: unknown, mode = 0o644): Promise<void> {
  await writeFile(`${file}.tmp`, JSON.stringify(document), { mode });
  await rename(`${file}.tmp`, file);
}

/** The parsed documents in `folder`, made if it is not there; those half-written by a killed process are removed. */
export async function readDocuments(folder: string): Promise<unknown[]> {
  await mkdir(folder, { recursive: true });
  const documents: unknown[] = [];
  for (const name of await readdir(folder)) {
    if (name.endsWith('.tmp')) await rm(join(folder, name));
    else if (name.endsWith('.json')) documents.push(JSON.parse(await readFile(join(folder, name), 'utf8')));
  }
  return documents;
}
