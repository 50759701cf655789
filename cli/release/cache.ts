import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type * as z from 'zod/mini';
import { hasCode } from '../../embedded/error-code.ts';

/**
 * What `make` yields, from the file that an earlier call with the same key has left in `folder`, or made now and left there.
 * A file that does not parse is made anew. Written aside and renamed, since two commands may be at it.
 */
export async function cached<T extends z.ZodMiniType>(options: {
  folder: string | null;
  key: string;
  schema: T;
  make: () => Promise<z.infer<T>>;
}): Promise<z.infer<T>> {
  const { folder, key, schema, make } = options;
  if (folder === null) return make();
  const file = join(folder, `${key}.json`);
  const kept = schema.safeParse(await read(file));
  if (kept.success) return kept.data;
  const made = await make();
  await mkdir(folder, { recursive: true });
  const half = `${file}.${randomBytes(4).toString('hex')}`;
  await writeFile(half, JSON.stringify(made));
  await rename(half, file);
  return made;
}

async function read(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    if (hasCode(error, 'ENOENT') || error instanceof SyntaxError) return null;
    throw error;
  }
}
