import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import * as z from 'zod/mini';

const kustomization = z.object({ resources: z.array(z.string()) });

/** The objects that `kubectl apply -k` would apply: those of the files that the folder's kustomization.yaml lists. */
export async function readManifests(folder: string): Promise<unknown[]> {
  const { resources } = kustomization.parse(parse(await readFile(join(folder, 'kustomization.yaml'), 'utf8')));
  const texts = await Promise.all(resources.map((file) => readFile(join(folder, file), 'utf8')));
  return texts.flatMap((text) => parseAllDocuments(text).map((document): unknown => document.toJS()));
}
