import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';

/** A piece of an object's body: a file that never changes. A multipart object has one for each part. */
export type Segment = { file: string; size: number };

/** The files that hold bodies. */
export type Bodies = {
  /** Writes a new file by `fill`; it is there under its name only when `fill` has ended well. */
  write<T extends { size: number }>(
    fill: (sink: (piece: Buffer) => Promise<void>) => Promise<T>,
  ): Promise<T & { segment: Segment }>;
  /** The bytes from `start` up to and without `end`; removed segments stay readable for those who read already. */
  read(segments: Segment[], start: number, end: number): Readable;
  remove(segments: Segment[]): Promise<void>;
  /** Removes every file that is not in `used`: what a crash left behind. */
  sweep(used: Set<string>): Promise<number>;
};

export async function openBodies(folder: string): Promise<Bodies> {
  await mkdir(folder, { recursive: true });
  const readers = new Map<string, number>();
  const doomed = new Set<string>();
  const drop = (file: string) => rm(join(folder, file), { force: true });

  async function release(segments: Segment[]): Promise<void> {
    for (const { file } of segments) {
      const left = (readers.get(file) ?? 1) - 1;
      if (left > 0) readers.set(file, left);
      else readers.delete(file);
      if (left === 0 && doomed.delete(file)) await drop(file);
    }
  }

  async function* slices(segments: Segment[], start: number, end: number): AsyncGenerator<Buffer> {
    let offset = 0;
    for (const { file, size } of segments) {
      const from = Math.max(start - offset, 0);
      const to = Math.min(end - offset, size);
      if (from < to) yield* createReadStream(join(folder, file), { start: from, end: to - 1 });
      offset += size;
    }
  }

  return {
    async write(fill) {
      const file = randomUUID();
      const part = join(folder, `${file}.part`);
      const handle = await open(part, 'wx');
      try {
        const result = await fill((piece) => writeWhole(handle, piece));
        await handle.close();
        await rename(part, join(folder, file));
        return { ...result, segment: { file, size: result.size } };
      } catch (error) {
        await handle.close();
        await rm(part, { force: true });
        throw error;
      }
    },
    read(segments, start, end) {
      for (const { file } of segments) readers.set(file, (readers.get(file) ?? 0) + 1);
      const stream = Readable.from(slices(segments, start, end), { objectMode: false });
      stream.once('close', () => release(segments).catch((error) => stream.emit('error', error)));
      return stream;
    },
    async remove(segments) {
      for (const { file } of segments) {
        if (readers.has(file)) doomed.add(file);
        else await drop(file);
      }
    },
    async sweep(used) {
      const litter = (await readdir(folder)).filter((file) => !used.has(file));
      for (const file of litter) await drop(file);
      return litter.length;
    },
  };
}

async function writeWhole(handle: FileHandle, piece: Buffer): Promise<void> {
  for (let at = 0; at < piece.length; ) at += (await handle.write(piece, at)).bytesWritten;
}
