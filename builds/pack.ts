import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import type { Inputs } from './inputs.ts';

/** What was asked for, what it was made of, and what was made: files by their name. */
export type Build = { request: string; inputs: Inputs; outputs: Record<string, Uint8Array> };

const header = z.object({
  request: z.string(),
  inputs: z.record(z.string(), z.nullable(z.string())),
  outputs: z.array(z.tuple([z.string(), z.int()])),
});

/** A build as one file: the digest of all that follows, the length of the header, the header, the outputs. */
export function pack({ request, inputs, outputs }: Build): Uint8Array[] {
  const entries = Object.entries(outputs);
  const head = Buffer.from(
    JSON.stringify({ request, inputs, outputs: entries.map(([name, bytes]) => [name, bytes.length]) }),
  );
  const length = Buffer.alloc(4);
  length.writeUInt32LE(head.length);
  const parts = [length, head, ...entries.map(([, bytes]) => bytes)];
  return [digestOf(...parts), ...parts];
}

/** The build that was packed; null for what is not whole, or was packed by another version of this. */
export function unpack(bytes: Buffer): Build | null {
  const body = bytes.subarray(DIGEST);
  if (body.length < LENGTH || !bytes.subarray(0, DIGEST).equals(digestOf(body))) return null;
  let at = LENGTH + body.readUInt32LE();
  const read = header.safeParse(JSON.parse(body.toString('utf8', LENGTH, at)));
  if (!read.success) return null;
  const outputs = read.data.outputs.map(([name, size]) => {
    const from = at;
    at += size;
    return [name, body.subarray(from, at)];
  });
  return { ...read.data, outputs: Object.fromEntries(outputs) };
}

const DIGEST = 32;
const LENGTH = 4;

export function digestOf(...parts: Uint8Array[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}
