import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { schemaDigest } from '../../lib/schema/digest.ts';
import { catalog } from './catalog.ts';
import { migrations } from './files.ts';
import { migrateAll, useServer } from './postgres.ts';

const { withDatabase } = useServer();

test('versions count from 1 without a gap, and each file opens with a comment that says why it exists', async () => {
  const all = await migrations();
  expect(all.map((migration) => migration.version)).toEqual(all.map((_, index) => index + 1));
  for (const sql of all.flatMap((migration) => [migration.do, migration.undo])) {
    expect(sql).toMatch(/^(-- carthub: no-transaction\n)?-- [^\n]{20,}\n[A-Z]/);
    expect(sql.split('\n').length).toBeLessThan(20);
  }
});

test('the migrations arrive at the schema that the services were promised, name by name and type by type', async () => {
  const promised = await withDatabase(async (client) => {
    await client.query(await readFile(join(import.meta.dirname, 'as-written.sql'), 'utf8'));
    return catalog(client);
  });
  const arrived = await withDatabase(async (client) => {
    await migrateAll(client);
    return catalog(client);
  });
  expect(arrived).toEqual(promised);
});

test('each undo file restores exactly the schema before, by its digest too, from the last version down to nothing', async () => {
  await withDatabase(async (client) => {
    const look = async () => ({ digest: await schemaDigest(client), objects: await catalog(client) });
    const all = await migrations();
    const before: Awaited<ReturnType<typeof look>>[] = [];
    for (const migration of all) {
      before.push(await look());
      await client.query(migration.do);
    }
    const digests = [...before.map(({ digest }) => digest), await schemaDigest(client)];
    expect(new Set(digests).size).toBe(all.length + 1);
    for (const [index, { version, undo }] of [...all.entries()].reverse()) {
      await client.query(undo);
      expect({ version: version - 1, ...(await look()) }).toEqual({ version: version - 1, ...before[index] });
    }
    expect(await catalog(client)).toEqual([]);
  });
});

test('do, undo and do again of every single step ends where do alone ends', async () => {
  await withDatabase(async (client) => {
    for (const migration of await migrations()) {
      await client.query(migration.do);
      const after = await catalog(client);
      await client.query(migration.undo);
      await client.query(migration.do);
      expect(await catalog(client)).toEqual(after);
    }
  });
});
