import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { compareDump } from '../../../lib/backups/compare-rows.ts';
import { countCopyRows } from '../../../lib/backups/copy-rows.ts';
import type { Manifest, StoredObject, TableRows } from '../../../lib/backups/manifest.ts';
import { uploadStream } from '../../../lib/backups/upload.ts';
import { examine } from '../../../lib/backups/verify.ts';
import { never } from '../../support/backups.ts';
import { createMemoryStore, type MemoryStore } from '../../support/memory-store.ts';
import { anySeed, randomFrom } from '../../support/random.ts';

const AFTER = Number(process.env.DAMAGES_AFTER ?? 10_000);
const BEFORE = Number(process.env.DAMAGES_BEFORE ?? 2_000);
const seed = Number(process.env.SEED ?? anySeed());
const random = randomFrom(seed);

const about = {
  ...{
    format: 1 as const,
    id: 'b',
    database: 'd',
    run: 'r',
    lsn: '0/0',
    durationMs: 1,
    server: '',
    tool: '',
    major: 15,
    encoding: 'UTF8',
  },
  ...{
    snapshotAt: '2026-01-01T00:00:00Z',
    completedAt: '2026-01-01T00:00:01Z',
    schema: { version: 1, digest: '' },
    extensions: [],
  },
  ...{ encryptionKey: null, restoreByHand: [], largeObjects: 0 },
};

/** The real upload of random bytes, five parts of 32 bytes an object. */
async function store(into: MemoryStore, name: string, length: number): Promise<StoredObject[]> {
  const source = async function* () {
    yield randomBytes(length);
  };
  const keyOf = (n: number) => `${name}-${n}`;
  return (await uploadStream({ store: into, source: source(), keyOf, stop: never, partBytes: 32, partsPerObject: 5 }))
    .objects;
}

async function stored(): Promise<{ store: MemoryStore; manifest: Manifest }> {
  const into = createMemoryStore();
  const [globals] = await store(into, 'globals', 40);
  const [schemaDocument] = await store(into, 'schema', 70);
  if (!globals || !schemaDocument) throw new Error('Nothing was stored.');
  return {
    store: into,
    manifest: {
      ...about,
      tables: [],
      globals,
      schemaDocument,
      dump: await store(into, 'dump', 500 + random.below(300)),
    },
  };
}

/** A decoder that is content with everything: what is found is found by the hashes. */
async function content(dump: AsyncIterable<Buffer>) {
  for await (const _ of dump) if (never.aborted) break;
  return { rows: new Map<string, number>(), largeObjects: 0, whole: true };
}

type Damage = (parts: Buffer[], others: Buffer[][]) => Buffer[] | null;

const any = (parts: readonly Buffer[]) => random.below(parts.length);
const changed = (parts: Buffer[], at: number, change: (part: Buffer) => Buffer) =>
  parts.map((part, index) => (index === at ? change(Buffer.from(part)) : part));

const DAMAGES: Record<string, Damage> = {
  truncated: (parts) => {
    const whole = Buffer.concat(parts);
    const left = whole.subarray(0, random.below(whole.length));
    return Array.from({ length: Math.max(1, Math.ceil(left.length / 32)) }, (_, n) =>
      left.subarray(n * 32, n * 32 + 32),
    );
  },
  'a flipped bit': (parts) =>
    changed(parts, any(parts), (part) => {
      const at = random.below(part.length);
      part[at] = (part[at] ?? 0) ^ (1 << random.below(8));
      return part;
    }),
  'a lost part': (parts) => parts.toSpliced(any(parts), 1),
  'a part twice': (parts) => parts.toSpliced(any(parts), 0, parts[any(parts)] ?? Buffer.alloc(1)),
  'parts in another order': (parts) =>
    parts.length > 1 ? [...parts.slice(1), ...parts.slice(0, 1)] : [randomBytes(32)],
  'a part of zeros': (parts) => changed(parts, any(parts), (part) => Buffer.alloc(part.length)),
  'another object': (_, others) => random.pick(others),
  'stored again in one piece': (parts) =>
    parts.length > 1 ? [Buffer.concat(parts)] : [parts[0] ?? Buffer.alloc(0), Buffer.alloc(0)],
  'something behind it': (parts) => [...parts, randomBytes(1 + random.below(9))],
  missing: () => null,
};

test(`all of ${AFTER} damages after the hash are found (seed ${seed})`, async () => {
  let fixture = await stored();
  expect((await examine({ ...fixture, decode: content, stop: never })).findings).toEqual([]);
  const missed: string[] = [];
  for (let n = 0; n < AFTER; n += 1) {
    if (n % 500 === 499) fixture = await stored();
    const { store: from, manifest } = fixture;
    const key = random.pick([...from.objects.keys()]);
    const before = from.objects.get(key) ?? { parts: [] };
    const others = [...from.objects].flatMap(([other, { parts }]) => (other === key ? [] : [parts]));
    const what = random.pick(Object.keys(DAMAGES));
    const parts = DAMAGES[what]?.(before.parts, others) ?? null;
    if (parts === null) from.objects.delete(key);
    else from.objects.set(key, { parts });
    const { findings } = await examine({ store: from, manifest, decode: content, stop: never });
    if (!findings.some((finding) => finding.startsWith(`${key} `))) missed.push(`${what} of ${key}`);
    from.objects.set(key, before);
  }
  expect({ seed, missed }).toEqual({ seed, missed: [] });
});

/** A script as pg_restore writes it, with what makes it hard to read. */
function script(tables: readonly (TableRows & { lines: string[] })[]): string {
  const data = tables.map(
    ({ table, lines }) =>
      `--\n-- Data for Name: ${table}; Type: TABLE DATA\n--\n\nCOPY public.${table} (id, v) FROM stdin;\n${lines.map((line) => `${line}\n`).join('')}\\.\n\n`,
  );
  return `SET standard_conforming_strings = on;\nCREATE FUNCTION f() AS $$ COPY public.t0 (id) FROM stdin;\n\\.\n$$;\n${data.join('\n')}--\n-- PostgreSQL database dump complete\n--\n\n`;
}

function makeTables(): (TableRows & { lines: string[] })[] {
  return Array.from({ length: 2 + random.below(4) }, (_, n) => {
    const lines = Array.from(
      { length: random.below(6) },
      (_, id) => `${id}\t${random.pick(['\\\\.', '\\N', '', 'x;', "it's", '\\n\\\\.'])}`,
    );
    return { schema: 'public', table: `t${n}`, rows: lines.length, lines };
  });
}

const SHORT: Record<string, (tables: ReturnType<typeof makeTables>) => string> = {
  'a table is missing': (tables) => script(tables.toSpliced(random.below(tables.length), 1)),
  'a COPY is short': (tables) => {
    const full = tables.filter(({ lines }) => lines.length > 0);
    if (full.length === 0) return '';
    const chosen = random.pick(full);
    return script(
      tables.map((one) =>
        one === chosen ? { ...one, lines: one.lines.toSpliced(random.below(one.lines.length), 1) } : one,
      ),
    );
  },
  'rows come twice': (tables) =>
    script(tables.map((one, n) => (n === 0 ? { ...one, lines: [...one.lines, '9\tx'] } : one))),
  'it ends early': (tables) => {
    const text = script(tables);
    return text.slice(0, random.below(text.length - 6));
  },
  'a table comes twice': (tables) => {
    const text = script([...tables, ...tables]);
    return tables.every(({ rows }) => rows === 0) ? '' : text;
  },
  'rows of one are in another': (tables) =>
    script(
      tables.map((one, n) =>
        n === 0 ? { ...one, lines: [...one.lines, '9\tx'] } : n === 1 ? { ...one, lines: one.lines.slice(1) } : one,
      ),
    ),
};

test(`all of ${BEFORE} damages before the hash are found by the rows (seed ${seed})`, () => {
  const missed: string[] = [];
  const decode = (text: string) => {
    const counter = countCopyRows();
    counter.write(Buffer.from(text));
    return counter.end();
  };
  for (let n = 0; n < BEFORE; n += 1) {
    const tables = makeTables();
    const counted = { tables, largeObjects: 0 };
    expect(compareDump(counted, decode(script(tables)))).toEqual([]);
    const what = random.pick(Object.keys(SHORT));
    const text = SHORT[what]?.(tables) ?? '';
    if (compareDump(counted, decode(text)).length === 0) missed.push(`${what}: ${text}`);
  }
  expect({ seed, missed }).toEqual({ seed, missed: [] });
});
