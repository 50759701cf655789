import { createHash } from 'node:crypto';
import type { ObjectStore, StoredPart } from '../../lib/backups/object-store.ts';

type StoredObject = { parts: Buffer[] };

/** A store of backups in memory, which checks what arrives as S3 does. `fail` is asked before each call. */
export type MemoryStore = ObjectStore & {
  objects: Map<string, StoredObject>;
  uploads: Map<string, Map<number, Buffer>>;
  /** The most parts that were on their way at once. */
  mostAtOnce(): number;
};

export function createMemoryStore(
  fail: (call: string, count: number) => void | Promise<void> = () => undefined,
): MemoryStore {
  const objects: MemoryStore['objects'] = new Map();
  const uploads: MemoryStore['uploads'] = new Map();
  const counts = new Map<string, number>();
  let [flying, most, begun] = [0, 0, 0];
  const enter = async (call: string) => {
    counts.set(call, (counts.get(call) ?? 0) + 1);
    await fail(call, counts.get(call) ?? 0);
  };
  return {
    ...{ objects, uploads, mostAtOnce: () => most },
    async begin(key) {
      await enter('begin');
      begun += 1;
      uploads.set(`${key} ${begun}`, new Map());
      return `${key} ${begun}`;
    },
    async put(_, upload, { number, body, sha256 }) {
      flying += 1;
      most = Math.max(most, flying);
      try {
        // The bytes leave the process while the next part is being filled.
        await new Promise((resolve) => setImmediate(resolve));
        await enter('put');
        const copy = Buffer.from(body);
        if (!sha(copy).equals(sha256)) throw named('BadDigest');
        uploads.get(upload)?.set(number, copy);
        return `"${sha256.toString('hex')}"`;
      } finally {
        flying -= 1;
      }
    },
    async complete(key, upload, parts: readonly StoredPart[], size) {
      await enter('complete');
      const there = uploads.get(upload);
      if (!there) throw named('NoSuchUpload');
      if (objects.has(key)) throw named('PreconditionFailed');
      const bodies = parts.map(({ number, sha256 }, index) => {
        const body = there.get(number);
        if (!body || number !== index + 1 || !sha(body).equals(sha256)) throw named('InvalidPart');
        return body;
      });
      if (bodies.reduce((sum, { length }) => sum + length, 0) !== size) throw named('InvalidRequest');
      objects.set(key, { parts: bodies });
      uploads.delete(upload);
      return { etag: `"${key}-${parts.length}"`, versionId: null, encryptionKey: null };
    },
    async abort(_, upload) {
      await enter('abort');
      uploads.delete(upload);
    },
    async read(key) {
      const found = objects.get(key);
      if (!found) return null;
      const size = found.parts.reduce((sum, { length }) => sum + length, 0);
      return { size, parts: found.parts.length, body: pieces(found.parts) };
    },
  };
}

async function* pieces(parts: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* parts;
}

export function named(name: string): Error {
  return Object.assign(new Error(name), { name });
}

function sha(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}
