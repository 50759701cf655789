import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import * as z from 'zod/mini';

const FOLDER = join(import.meta.dirname, '../../k8s');

const object = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.optional(
    z.looseObject({
      name: z.string(),
      namespace: z.optional(z.string()),
      labels: z.optional(z.record(z.string(), z.string())),
    }),
  ),
});

export type Manifest = z.infer<typeof object>;

/** The documents of one file of k8s/. */
export async function manifests(file: string): Promise<Manifest[]> {
  const documents = parseAllDocuments(await readFile(join(FOLDER, file), 'utf8'), { uniqueKeys: true });
  return documents.map((document) => {
    if (document.errors.length > 0) throw new Error(`${file}: ${document.errors.join('; ')}`);
    return object.parse(document.toJS());
  });
}

/** Every document of the folder, with the file that it stands in. */
export async function everyManifest(): Promise<{ file: string; manifest: Manifest }[]> {
  const files = (await readdir(FOLDER)).filter((file) => file.endsWith('.yaml')).sort();
  const all = await Promise.all(
    files.map(async (file) => (await manifests(file)).map((manifest) => ({ file, manifest }))),
  );
  return all.flat();
}

/** Every leaf of `value` by its path, so that a difference is named and not shown as two pages of JSON. */
export function fields(value: unknown, path = ''): [path: string, leaf: unknown][] {
  if (typeof value !== 'object' || value === null) return [[path, value]];
  return Object.entries(value).flatMap(([key, inner]) => fields(inner, `${path}/${key}`));
}
