import { createHash, randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { objectsOf, PART_BYTES, PARTS_PER_OBJECT, partsOf } from '../../../lib/backups/parts.ts';
import { type UploadOptions, uploadStream } from '../../../lib/backups/upload.ts';
import { never } from '../../support/backups.ts';
import { createMemoryStore, type MemoryStore, named } from '../../support/memory-store.ts';
import { anySeed, randomFrom } from '../../support/random.ts';

const keyOf = (n: number) => `dump-${n}`;
const retry = { attempts: 3, firstDelayMs: 1 };

async function* cut(bytes: Buffer, sizes: () => number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; ) {
    const size = sizes();
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

function upload(store: MemoryStore, source: AsyncIterable<Buffer>, more: Partial<UploadOptions> = {}) {
  return uploadStream({ store, source, keyOf, retry, stop: never, partBytes: 64, partsPerObject: 5, ...more });
}

const contentOf = (store: MemoryStore) => Buffer.concat([...store.objects.values()].flatMap(({ parts }) => parts));

test('a stream of any length is stored byte for byte, in parts of one size, no object with too many', async () => {
  const seed = anySeed();
  const random = randomFrom(seed);
  const lengths = [1, 63, 64, 65, 319, 320, 321, 640, ...Array.from({ length: 60 }, () => 1 + random.below(2_000))];
  for (const length of lengths) {
    const bytes = randomBytes(length);
    const store = createMemoryStore((call) => {
      if (call === 'put' && random.chance(0.1)) throw named('SlowDown');
    });
    const { objects, bytes: stored } = await upload(
      store,
      cut(bytes, () => 1 + random.below(150)),
      { retry: { attempts: 20, firstDelayMs: 0 } },
    );
    expect({ seed, length, same: contentOf(store).equals(bytes), stored }).toEqual({
      seed,
      length,
      same: true,
      stored: length,
    });
    expect(objects.map(({ size, parts }) => ({ size, parts }))).toEqual(
      Array.from({ length: Math.ceil(length / 320) }, (_, index) => Math.min(320, length - index * 320)).map(
        (size) => ({ size, parts: partsOf(size, 64) }),
      ),
    );
    for (const { key, sha256 } of objects) {
      const content = Buffer.concat(store.objects.get(key)?.parts ?? []);
      expect(createHash('sha256').update(content).digest('hex')).toBe(sha256);
    }
    expect(store.mostAtOnce()).toBeLessThanOrEqual(2);
    expect(store.uploads.size).toBe(0);
  }
});

test('whatever fails for good at any call leaves no upload open, and throws', async () => {
  for (const [call, most] of [
    ['begin', 3],
    ['put', 11],
    ['complete', 3],
  ] as const) {
    for (let nth = 1; nth <= most; nth += 1) {
      const store = createMemoryStore((name, count) => {
        if (name === call && count === nth) throw named('AccessDenied');
      });
      await expect(
        upload(
          store,
          cut(randomBytes(700), () => 50),
        ),
      ).rejects.toMatchObject({ name: 'AccessDenied' });
      expect(store.uploads.size).toBe(0);
    }
  }
});

test('a part that fails again and again stops the reading of the stream', async () => {
  let read = 0;
  const source = async function* () {
    for (; read < 100; read += 1) yield randomBytes(64);
  };
  const store = createMemoryStore((name, count) => {
    if (name === 'put' && count > 1) throw named('AccessDenied');
  });
  await expect(upload(store, source(), { partsPerObject: 1_000 })).rejects.toMatchObject({ name: 'AccessDenied' });
  expect(read).toBeLessThan(8);
});

test('a source that breaks off at any byte makes no object of what came', async () => {
  for (const length of [0, 1, 64, 100, 319, 320, 330]) {
    const source = async function* () {
      yield randomBytes(length);
      throw named('DumpFailedError');
    };
    const store = createMemoryStore();
    await expect(upload(store, source())).rejects.toMatchObject({ name: 'DumpFailedError' });
    expect([store.uploads.size, store.objects.size]).toEqual([0, 0]);
  }
});

test('a stop ends it, also while a part waits for its next try, and the upload is aborted', async () => {
  const stop = new AbortController();
  const patient = { attempts: 100, firstDelayMs: 5_000 };
  const begun = performance.now();
  const quick = createMemoryStore((name) => {
    if (name === 'put') {
      stop.abort(named('StoppedError'));
      throw named('SlowDown');
    }
  });
  await expect(
    upload(
      quick,
      cut(randomBytes(700), () => 50),
      { stop: stop.signal, retry: patient },
    ),
  ).rejects.toMatchObject({ name: 'StoppedError' });
  expect(performance.now() - begun).toBeLessThan(4_000);
  expect(quick.uploads.size).toBe(0);
});

test('a stream without a byte is a dump that failed', async () => {
  await expect(
    upload(
      createMemoryStore(),
      cut(Buffer.alloc(0), () => 1),
    ),
  ).rejects.toMatchObject({ name: 'DumpFailedError' });
});

test('up to 6 TiB no object has more parts than S3 takes, and none is longer than 5 TiB', () => {
  const TIB = 1024 ** 4;
  for (const bytes of [
    1,
    PART_BYTES,
    PARTS_PER_OBJECT * PART_BYTES,
    PARTS_PER_OBJECT * PART_BYTES + 1,
    TIB,
    6 * TIB - 1,
    6 * TIB,
  ]) {
    const objects = objectsOf(bytes);
    expect(objects.reduce((sum, object) => sum + object.bytes, 0)).toBe(bytes);
    expect(Math.max(...objects.map(({ parts }) => parts))).toBeLessThanOrEqual(9_984);
    expect(objects.every((object) => object.bytes > 0 && object.parts === Math.ceil(object.bytes / PART_BYTES))).toBe(
      true,
    );
  }
  expect(objectsOf(6 * TIB)).toHaveLength(40);
});
