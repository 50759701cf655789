import type { Readable } from 'node:stream';
import { incompleteBody } from './errors.ts';

const MAX_LINE = 8_192;

/**
 * The body below the content encoding aws-chunked
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html), in pieces as they come; what follows the last chunk
 * is put into `trailers`. The signatures of single chunks are not checked: the trailer's checksum is.
 */
export async function* decodeChunks(content: Readable, trailers: Map<string, string>): AsyncGenerator<Buffer> {
  const input = reader(content);
  for (;;) {
    const head = await input.line();
    const size = Number.parseInt(head.split(';')[0] ?? '', 16);
    if (Number.isNaN(size)) throw incompleteBody();
    if (size === 0) break;
    yield* input.take(size);
    if ((await input.line()) !== '') throw incompleteBody();
  }
  for (let line = await input.line(); line !== ''; line = await input.line()) {
    const at = line.indexOf(':');
    trailers.set(line.slice(0, at).trim().toLowerCase(), line.slice(at + 1).trim());
  }
  await input.end();
}

function reader(content: Readable) {
  const source: AsyncIterator<Buffer> = content.iterator({ destroyOnReturn: false });
  let held: Buffer = Buffer.alloc(0);

  async function more(): Promise<boolean> {
    const { done, value } = await source.next();
    if (!done) held = held.length === 0 ? value : Buffer.concat([held, value]);
    return !done;
  }
  return {
    /** Up to the next CRLF, or to the end where the last line lacks it. */
    async line(): Promise<string> {
      let at = held.indexOf('\r\n');
      while (at < 0) {
        if (held.length > MAX_LINE) throw incompleteBody();
        if (!(await more())) {
          if (held.length > 0) throw incompleteBody();
          return '';
        }
        at = held.indexOf('\r\n');
      }
      const line = held.toString('latin1', 0, at);
      held = held.subarray(at + 2);
      return line;
    },
    async *take(size: number): AsyncGenerator<Buffer> {
      for (let left = size; left > 0; ) {
        if (held.length === 0 && !(await more())) throw incompleteBody();
        const piece = held.subarray(0, left);
        held = held.subarray(piece.length);
        left -= piece.length;
        yield piece;
      }
    },
    async end(): Promise<void> {
      while (await more()) held = Buffer.alloc(0);
    },
  };
}
