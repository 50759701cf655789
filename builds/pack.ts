import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import type { Inputs } from './inputs.ts';

/** What was asked for, what it was made of, and what was made: files by their name. */
export type Build = { request: string; inputs: Inputs; outputs: Record<string, Uint8Array> };

/** Of each output: its name, where it begins behind the header, its length. */
const header = z.object({
  request: z.string(),
  inputs: z.record(z.string(), z.nullable(z.string())),
  outputs: z.array(z.tuple([z.string(), z.int(), z.int()])),
});

/** A build as one file: the digest of all that follows, the length of the header, the header, the outputs, the same content once. */
export function pack({ request, inputs, outputs }: Build): Uint8Array[] {
  const contents = new Map<string, { at: number; bytes: Uint8Array }>();
  let end = 0;
  const places = Object.entries(outputs).map(([name, bytes]) => {
    const digest = digestOf(bytes).toString('hex');
    const { at } = contents.get(digest) ?? { at: end };
    if (!contents.has(digest)) end += bytes.length;
    contents.set(digest, { at, bytes });
    return [name, at, bytes.length];
  });
  const head = Buffer.from(JSON.stringify({ request, inputs, outputs: places }));
  const length = Buffer.alloc(LENGTH);
  length.writeUInt32LE(head.length);
  const parts = [length, head, ...[...contents.values()].map(({ bytes }) => bytes)];
  return [digestOf(...parts), ...parts];
}

/** The build that was packed; null for what is not whole, or was packed by another version of this. */
export function unpack(bytes: Buffer): Build | null {
  const body = bytes.subarray(DIGEST);
  if (body.length < LENGTH || !bytes.subarray(0, DIGEST).equals(digestOf(body))) return null;
  const start = LENGTH + body.readUInt32LE();
  const read = header.safeParse(JSON.parse(body.toString('utf8', LENGTH, start)));
  if (!read.success) return null;
  const outputs = read.data.outputs.map(([name, at, size]) => [name, body.subarray(start + at, start + at + size)]);
  return { ...read.data, outputs: Object.fromEntries(outputs) };
}

const DIGEST = 32;
const LENGTH = 4;

export function digestOf(...parts: Uint8Array[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}
