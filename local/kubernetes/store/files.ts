import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { hasCode } from '../../../embedded/error-code.ts';
import type { KubeObject } from '../objects/metadata.ts';

/** Where a collection lives on disk: one file an object, put in place whole, so that a crash loses at most the last change. */
export type Files = {
  read(): { file: string; content: unknown }[];
  write(object: KubeObject): void;
  remove(object: KubeObject): void;
};

/**
 * Synchronous, because a change of an object must be one step for everybody who reads it. Not synced to disk: it outlives a
 * `kill -9` of the local cloud, not a power cut.
 */
export function openFiles(folder: string): Files {
  const at = ({ metadata: { namespace, name } }: KubeObject) =>
    // An underscore cannot stand in a namespace's name.
    join(folder, namespace ?? '_cluster', `${encodeURIComponent(name)}.json`);
  return {
    read() {
      return list(folder)
        .flatMap((namespace) => list(join(folder, namespace)).map((name) => join(folder, namespace, name)))
        .filter((file) => file.endsWith('.json'))
        .map((file) => ({ file, content: JSON.parse(readFileSync(file, 'utf8')) }));
    },
    write(object) {
      const file = at(object);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(`${file}.new`, JSON.stringify(object));
      renameSync(`${file}.new`, file);
    },
    remove(object) {
      rmSync(at(object), { force: true });
    },
  };
}

/** Events live for an hour in Kubernetes, and here at most until the cloud stops. */
export const NO_FILES: Files = { read: () => [], write: () => undefined, remove: () => undefined };

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}
