import { createHash, type Hash } from 'node:crypto';
import { DumpFailedError } from './errors.ts';
import type { StoredObject } from './manifest.ts';
import type { ObjectStore, StoredPart } from './object-store.ts';
import { PART_BYTES, PARTS_PER_OBJECT } from './parts.ts';
import { RETRY, type Retry, withRetries } from './retry.ts';

/** Parts on their way at once. With the one that is being filled they are all the memory that a stream takes. */
const IN_FLIGHT = 2;

export type UploadOptions = {
  store: ObjectStore;
  /** Of the n-th object, from 1. */
  keyOf: (n: number) => string;
  /** Ends after its last byte only when all of it is known to be whole; otherwise it throws. */
  source: AsyncIterable<Buffer>;
  stop: AbortSignal;
  /** Called with the size of each part that is stored. */
  onPart?: (bytes: number) => void;
  /** What failed for good, also behind the error that is thrown. */
  onFailure?: (what: string, error: unknown) => void;
  partBytes?: number;
  partsPerObject?: number;
  retry?: Retry;
};

/** What a stream became. */
export type Uploaded = { objects: StoredObject[]; bytes: number; encryptionKey: string | null };

/**
 * Stores a stream of unknown length: in parts of one size, two on their way at a time, each sent again from memory when it fails,
 * and in a new object before one has too many parts.
 *
 * No object of it is there unless it is whole; when anything fails, the upload that is open is aborted, and objects that were full
 * before stay as orphans without a manifest.
 *
 * @throws DumpFailedError when nothing came; what `source` and the store throw
 */
export async function uploadStream(options: UploadOptions): Promise<Uploaded> {
  const { source, partsPerObject = PARTS_PER_OBJECT, partBytes = PART_BYTES } = options;
  const done: Uploaded = { objects: [], bytes: 0, encryptionKey: null };
  const buffers: Buffer[] = [];
  const now: { open: OpenObject | null } = { open: null };
  let part: Buffer = Buffer.alloc(0);
  let filled = 0;
  let partHash = createHash('sha256');
  let objectHash = createHash('sha256');

  const send = async () => {
    // Not as soon as it is full: the source may still say that what came is not whole.
    if (now.open?.parts.length === partsPerObject) {
      await finish(now.open, options, done);
      now.open = null;
    }
    now.open ??= await begin(options, done.objects.length + 1);
    const { open } = now;
    const piece = { body: part.subarray(0, filled), sha256: partHash.digest() };
    // The last part's own memory comes back only when S3 has it.
    const buffer = part;
    await sendPart(open, piece, options, () => buffers.push(buffer));
    [part, filled, partHash] = [Buffer.alloc(0), 0, createHash('sha256')];
    if (open.parts.length < partsPerObject) return;
    open.hash = objectHash;
    objectHash = createHash('sha256');
  };

  try {
    for await (const piece of source) {
      for (let at = 0; at < piece.length; ) {
        if (part.length === 0) part = buffers.pop() ?? Buffer.allocUnsafeSlow(partBytes);
        const copied = piece.copy(part, filled, at);
        // Piece by piece: a whole part at once would keep the dump waiting. And of what came, not of our copy of it.
        const taken = piece.subarray(at, at + copied);
        partHash.update(taken);
        objectHash.update(taken);
        at += copied;
        filled += copied;
        if (filled === partBytes) await send();
      }
    }
    options.stop.throwIfAborted();
    if (filled > 0) await send();
    if (now.open === null) throw nothingCame();
    now.open.hash ??= objectHash;
    await finish(now.open, options, done);
    return done;
  } catch (error) {
    if (now.open !== null) await abandon(now.open, options);
    throw error;
  }
}

type OpenObject = {
  key: string;
  upload: string;
  /** Of all of its bytes, once all of them have come. */
  hash: Hash | null;
  size: number;
  parts: Promise<StoredPart>[];
  flying: Set<Promise<unknown>>;
};

async function begin({ store, keyOf, stop, retry = RETRY }: UploadOptions, n: number): Promise<OpenObject> {
  const key = keyOf(n);
  const upload = await withRetries(retry, stop, () => store.begin(key));
  return { key, upload, hash: null, size: 0, parts: [], flying: new Set() };
}

/** Resolves when the part is on its way; `landed` is called when the store has it. */
async function sendPart(
  open: OpenObject,
  { body, sha256 }: { body: Buffer; sha256: Buffer },
  options: UploadOptions,
  landed: () => void,
): Promise<void> {
  const { store, stop, retry = RETRY } = options;
  while (open.flying.size >= IN_FLIGHT) await Promise.race(open.flying);
  const number = open.parts.length + 1;
  open.size += body.length;
  const stored = withRetries(retry, stop, () => store.put(open.key, open.upload, { number, body, sha256 })).then(
    (etag): StoredPart => {
      landed();
      options.onPart?.(body.length);
      return { number, etag, sha256 };
    },
  );
  open.parts.push(stored);
  const flight: Promise<unknown> = stored.then(
    () => open.flying.delete(flight),
    // Kept among those that fly: whoever waits next hears of it, and does not read on for hours.
    (error: unknown) => Promise.reject(error),
  );
  open.flying.add(flight);
  // Without a listener of its own a failure that nobody waits for yet would end the process.
  flight.catch((error: unknown) => options.onFailure?.(`part ${number} of ${open.key}`, error));
}

async function finish(open: OpenObject, options: UploadOptions, done: Uploaded): Promise<void> {
  const { store, stop, retry = RETRY } = options;
  const parts = await Promise.all(open.parts);
  const made = await withRetries(retry, stop, () => store.complete(open.key, open.upload, parts, open.size));
  const { key, size } = open;
  done.objects.push({
    key,
    size,
    parts: parts.length,
    sha256: open.hash?.digest('hex') ?? '',
    etag: made.etag,
    versionId: made.versionId,
  });
  done.bytes += size;
  done.encryptionKey = made.encryptionKey;
}

/** Parts that are still on their way would come into an upload that was aborted before them, and stay. */
async function abandon(open: OpenObject, { store, onFailure, retry = RETRY }: UploadOptions): Promise<void> {
  await Promise.allSettled(open.parts);
  const never = new AbortController().signal;
  // What went wrong first is what has to be told; an upload that stays is removed by the bucket's own rule after two days.
  await withRetries(retry, never, () => store.abort(open.key, open.upload)).catch((error: unknown) =>
    onFailure?.(`the abort of ${open.key}`, error),
  );
}

function nothingCame(): DumpFailedError {
  return new DumpFailedError('The dump ended well and without a byte.', {
    remedy: 'Run pg_dump by hand against the same server, and look what stands between.',
  });
}
