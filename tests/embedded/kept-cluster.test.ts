import { lstatSync, readdirSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { copyCluster } from '../../embedded/kept-cluster.ts';
import { createCluster, startServer } from '../../embedded/server.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'carthub-db-test-'));
  await chmod(folder, 0o755);
});
afterAll(() => rm(folder, { recursive: true }));

/** Every file and folder with its owner, mode and size. */
function tree(root: string): string[] {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true });
  return [root, ...entries.map(({ parentPath, name }) => join(parentPath, name))].sort().map((path) => {
    const { uid, gid, mode, size } = lstatSync(path);
    return `${relative(root, path)} ${uid}:${gid} ${mode.toString(8)} ${mode & 0o040000 ? '' : size}`;
  });
}

test('a copied cluster has every file and right of one that initdb made, and serves as it', async () => {
  const [made, copied, other] = ['made', 'copied', 'other'].map((name) => join(folder, name));
  if (!made || !copied || !other) throw new Error('three folders');
  await createCluster(made, { superuser: 'postgres' });
  // Whichever finds nothing kept is made by initdb itself.
  for (const each of [other, copied]) await copyCluster(each);
  expect(tree(copied)).toEqual(tree(made));
  for (const file of ['postgresql.conf', 'pg_hba.conf', 'PG_VERSION']) {
    expect(await readFile(join(copied, file), 'utf8')).toBe(await readFile(join(made, file), 'utf8'));
  }

  await writeFile(join(other, 'pg_hba.conf'), '');
  const server = await startServer({ folder: copied, processes: join(folder, 'processes') });
  const client = new pg.Client({ host: '127.0.0.1', port: server.port, user: 'postgres', database: 'postgres' });
  try {
    await client.connect();
    const { rows } = await client.query('show data_checksums');
    expect(rows).toEqual([{ data_checksums: 'on' }]);
  } finally {
    await client.end();
    await server.stop();
  }
});
