import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';
import { type Action, type PostgresProxy, startPostgresProxy } from '../support/postgres-proxy.ts';
import { databasePort, withSecret } from '../support/secret.ts';

let cloud: TestCloud;
let proxy: PostgresProxy;
const BASE = { '001.do.carts.sql': 'create table carts (id serial primary key, owner text not null);\n' };

beforeAll(async () => {
  cloud = await startTestCloud();
  expect(await cloud.migrate(BASE)).toMatchObject({ exit: 0 });
  const [key, cert] = await Promise.all(
    ['server.key', 'server.crt'].map((name) => readFile(join(cloud.data, 'tls', name), 'utf8')),
  );
  proxy = await startPostgresProxy({ port: await databasePort(cloud), tls: { key: key ?? '', cert: cert ?? '' } });
}, 120_000);
afterAll(async () => {
  await proxy?.close();
  await cloud?.stop();
});

/** Breaks the runner's connection at the COMMIT of its next file. */
function atCommit(action: Action) {
  let inFile = false;
  return proxy.once(action, (sql) => {
    inFile ||= /insert into carthub_db\.schemaversion/i.test(sql);
    return inFile && /^commit/i.test(sql);
  });
}

test.each<[string, Action, string, object]>([
  [
    'before the server heard it',
    'cut-before',
    'before_it',
    { exit: 3, json: { outcome: 'FailedUntouched', version: { after: 1 } } },
  ],
  [
    'after the server took it',
    'cut-after',
    'after_it',
    { exit: 0, json: { outcome: 'Migrated', version: { after: 2 } } },
  ],
])(
  'when the connection dies at COMMIT, %s, the truth is told',
  async (_when, action, table, told) => {
    const cut = atCommit(action);
    const files = { ...BASE, '002.do.more.sql': `create table ${table} (id int);\ninsert into ${table} values (1);\n` };
    const result = await withSecret(cloud, { port: proxy.port }, () => cloud.migrate(files));
    await cut.reached;
    expect(result).toMatchObject(told);
    const [there] = await cloud.query(
      'select to_regclass($1) is not null as made, max(version)::int as version from carthub_db.schemaversion',
      [table],
    );
    expect(there).toEqual(action === 'cut-after' ? { made: true, version: 2 } : { made: false, version: 1 });
  },
  120_000,
);
