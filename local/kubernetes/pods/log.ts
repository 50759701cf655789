import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** As the kubelet's containerLogMaxSize. The file before the current one is kept for people; the API reads the current one. */
const MAX_BYTES = 10 * 1024 * 1024;
const LINE_BYTES = 16 * 1024;
const NEWLINE = 0x0a;

export type Entry = { at: Date; line: Buffer };

/** The log of one container, on disk in the form that container runtimes write: time, stream, full or partial, text. */
export type Log = {
  write(stream: 'stdout' | 'stderr', chunk: Buffer, at: Date): void;
  /** Writes what was said without a line end, and lets go of the file. */
  close(at: Date): void;
  /** Tells of every further line until the log is closed; then calls `ended`. Returns how to stop. */
  follow(tell: (entry: Entry) => void, ended: () => void): () => void;
};

export function openLog(file: string): Log {
  mkdirSync(dirname(file), { recursive: true });
  let descriptor = openSync(file, 'a');
  let size = 0;
  const partial = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };
  const followers = new Map<(entry: Entry) => void, () => void>();

  const put = (stream: 'stdout' | 'stderr', line: Buffer, isWhole: boolean, at: Date) => {
    const text = isWhole ? line : Buffer.concat([line, Buffer.from('\n')]);
    const head = Buffer.from(`${nanoseconds(at)} ${stream} ${isWhole ? 'F' : 'P'} `);
    if (size > 0 && size + head.length + text.length > MAX_BYTES) {
      closeSync(descriptor);
      renameSync(file, `${file}.1`);
      descriptor = openSync(file, 'a');
      size = 0;
    }
    size += writeSync(descriptor, Buffer.concat([head, text]));
    for (const tell of followers.keys()) tell({ at, line });
  };

  return {
    write(stream, chunk, at) {
      let rest = Buffer.concat([partial[stream], chunk]);
      for (let end = rest.indexOf(NEWLINE); end >= 0 || rest.length >= LINE_BYTES; end = rest.indexOf(NEWLINE)) {
        const isWhole = end >= 0 && end < LINE_BYTES;
        const length = isWhole ? end + 1 : LINE_BYTES;
        put(stream, rest.subarray(0, length), isWhole, at);
        rest = rest.subarray(length);
      }
      partial[stream] = rest;
    },
    close(at) {
      for (const stream of ['stdout', 'stderr'] as const) {
        if (partial[stream].length > 0) put(stream, partial[stream], false, at);
      }
      closeSync(descriptor);
      for (const ended of followers.values()) ended();
      followers.clear();
    },
    follow(tell, ended) {
      followers.set(tell, ended);
      return () => void followers.delete(tell);
    },
  };
}

export type LogOptions = {
  tailLines: number | null;
  limitBytes: number | null;
  since: Date | null;
  timestamps: boolean;
};

/** What the log says, as the API shows it. */
export function readLog(file: string, options: LogOptions): Buffer {
  const entries = read(file).filter(({ at }) => options.since === null || at >= options.since);
  const { tailLines } = options;
  const shown = tailLines === null ? entries : tailLines === 0 ? [] : entries.slice(-tailLines);
  const text = Buffer.concat(shown.map((entry) => formatEntry(entry, options.timestamps)));
  return options.limitBytes === null ? text : text.subarray(0, options.limitBytes);
}

export function formatEntry({ at, line }: Entry, timestamps: boolean): Buffer {
  return timestamps ? Buffer.concat([Buffer.from(`${nanoseconds(at)} `), line]) : line;
}

/** A partial line ends without a line end: what comes after it on the same stream belongs to it. */
function read(file: string): Entry[] {
  if (!existsSync(file)) return [];
  const bytes = readFileSync(file);
  const entries: Entry[] = [];
  for (let from = 0; from < bytes.length; ) {
    const newline = bytes.indexOf(NEWLINE, from);
    const end = newline < 0 ? bytes.length : newline + 1;
    const raw = bytes.subarray(from, end);
    const [time = '', stream = '', tag = ''] = raw.subarray(0, 64).toString('latin1').split(' ', 3);
    const text = raw.subarray(time.length + stream.length + tag.length + 3);
    entries.push({ at: new Date(time), line: tag === 'P' ? text.subarray(0, -1) : text });
    from = end;
  }
  return entries;
}

function nanoseconds(at: Date): string {
  return at.toISOString().replace(/(\.\d{3})Z$/, '$1000000Z');
}
