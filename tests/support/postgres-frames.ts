/** One message of the wire protocol. `sql`: the statement that it carries; `ready`: the server has answered it whole. */
export type Frame = { bytes: Buffer; sql: string | null; ready: boolean };

/**
 * Cuts a byte stream into messages, which do not come in one piece each. Only a client's first message has no type. A
 * connection that only cancels ends with that message.
 */
export function createFrames(fromClient: boolean): (data: Buffer) => Frame[] {
  let rest: Buffer = Buffer.alloc(0);
  let started = !fromClient;
  return (data) => {
    rest = Buffer.concat([rest, data]);
    const frames: Frame[] = [];
    for (;;) {
      const head = started ? 1 : 0;
      if (rest.length < head + 4) return frames;
      const length = head + rest.readInt32BE(head);
      if (rest.length < length) return frames;
      const bytes = rest.subarray(0, length);
      rest = rest.subarray(length);
      const type = started ? String.fromCharCode(bytes[0] ?? 0) : '';
      frames.push({ bytes, sql: fromClient ? sqlOf(type, bytes) : null, ready: !fromClient && type === 'Z' });
      started = true;
    }
  };
}

/** Query (Q) is the text; Parse (P) is a name, the text, and more. */
function sqlOf(type: string, bytes: Buffer): string | null {
  if (type === 'Q') return bytes.toString('utf8', 5, bytes.length - 1);
  if (type !== 'P') return null;
  const start = bytes.indexOf(0, 5) + 1;
  return bytes.toString('utf8', start, bytes.indexOf(0, start));
}
