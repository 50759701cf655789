import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ModifyDBInstanceCommand } from '@aws-sdk/client-rds';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ensureTls } from '../../local/certificates.ts';
import { createNetwork } from '../../local/network/network.ts';
import { RdsUser } from './rds-user.ts';
import { newFolder, type RunningRds, startRds } from './with-rds.ts';

let folder: string;
let running: RunningRds;
let user: RdsUser;

beforeAll(async () => {
  folder = await newFolder();
  const network = createNetwork();
  const rule = { protocol: 'tcp', from: 5432, to: 5432, cidr: null, group: null };
  network.deploy({
    functions: ['sg-functions'],
    groups: [
      { id: 'sg-all', logicalId: 'All', ingress: [{ ...rule, cidr: '10.0.0.0/16' }] },
      { id: 'sg-ops', logicalId: 'Ops', ingress: [{ ...rule, group: 'sg-functions' }] },
    ],
  });
  running = await startRds(folder, { network });
  user = new RdsUser(running.endpoint.url, running.caFile);
  await user.create('carts', { VpcSecurityGroupIds: ['sg-all'] });
});

afterAll(async () => {
  await running.stop();
  await rm(folder, { recursive: true });
});

const sql = (text: string) => user.query('carts', text);

test('the server shows a certificate that the local authority signed', async () => {
  expect(await sql('select ssl from pg_stat_ssl where pid = pg_backend_pid()')).toEqual([true]);
  const { caFile } = await ensureTls(join(folder, 'other-tls'));
  const stranger = new RdsUser(running.endpoint.url, caFile);

  await expect(stranger.query('carts', 'select 1')).rejects.toThrow(/certificate|signature/);
});

test('a connection without TLS is refused', async () => {
  await expect(user.query('carts', 'select 1', { ssl: false })).rejects.toMatchObject({
    code: '28000',
    message: expect.stringContaining('no encryption'),
  });
});

test('a wrong password is refused', async () => {
  await expect(user.query('carts', 'select 1', { password: 'a-wrong-password' })).rejects.toMatchObject({
    code: '28P01',
  });
});

test('the master user is what RDS makes him', async () => {
  const [role] =
    await sql(`select to_json(r) from (select rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls
    from pg_roles where rolname = current_user) r`);
  expect(role).toEqual({
    ...{ rolsuper: false, rolcreatedb: true, rolcreaterole: true, rolreplication: false, rolbypassrls: false },
  });
  const roles = await sql(`select rolname from pg_roles where pg_has_role(current_user, oid, 'member')
    and rolname <> current_user order by 1`);
  expect(roles).toEqual(
    expect.arrayContaining(['pg_monitor', 'pg_signal_backend', 'rds_password', 'rds_replication', 'rds_superuser']),
  );
  expect(roles).not.toEqual(expect.arrayContaining(['pg_read_all_data']));
  expect(await sql('show rds.force_ssl')).toEqual(['on']);
});

test('he owns his database and its public schema', async () => {
  expect(await sql(`select pg_get_userbyid(datdba) from pg_database where datname = 'carthub'`)).toEqual(['carthub']);
  await sql('create table public.mine (n int)');
  await sql('create schema own');
});

test('he may create users and databases, and end the sessions of others', async () => {
  await sql(`create role app login password 'app-password'`);
  await sql('create database another');
  const app = await user.connect('carts', { user: 'app', password: 'app-password' });

  expect(await sql(`select pg_terminate_backend(pid) from pg_stat_activity where usename = 'app'`)).toEqual([true]);
  await expect(app.query('select 1')).rejects.toThrow();
});

test.each([
  ...[
    'pg_stat_statements',
    'pgcrypto',
    'citext',
    'uuid-ossp',
    'hstore',
    'pg_trgm',
    'btree_gist',
    'postgres_fdw',
    'amcheck',
  ],
])('he may create the extension %s', async (name) => {
  await sql(`create extension "${name}"`);
  expect(await sql(`select extname from pg_extension where extname = '${name}'`)).toEqual([name]);
});

test('pg_stat_statements counts', async () => {
  await sql('create extension if not exists pg_stat_statements');
  await sql('select 4711 as counted');
  expect(await sql(`select calls::int from pg_stat_statements where query = 'select $1 as counted'`)).toEqual([1]);
});

test.each([
  ['read password hashes', 'select rolpassword from pg_authid'],
  ['read the server’s files', `select pg_read_file('postgresql.conf')`],
  ['run programs', `copy (select 1) to program 'true'`],
  ['change the server’s settings', `alter system set work_mem = '1MB'`],
  ['switch WAL', 'select pg_switch_wal()'],
  ['make a superuser', 'create role root superuser'],
  ['create an extension that reaches files', 'create extension file_fdw'],
])('he may not %s', async (_what, text) => {
  await expect(sql(text)).rejects.toMatchObject({ code: '42501' });
});

test('nobody but the platform gets into its database', async () => {
  await expect(user.query('carts', 'select 1', { database: 'rdsadmin' })).rejects.toMatchObject({ code: '28000' });
});

test('the security groups decide who gets in: a swap counts when it is active, and who was connected stays', async () => {
  expect(await sql('select host(client_addr) from pg_stat_activity where pid = pg_backend_pid()')).toEqual([
    '127.0.0.1',
  ]);
  const { VpcSecurityGroups: [before] = [] } = await user.describe('carts');
  expect(before).toEqual({ VpcSecurityGroupId: 'sg-all', Status: 'active' });
  const swap = (...VpcSecurityGroupIds: string[]) =>
    user.client.send(new ModifyDBInstanceCommand({ DBInstanceIdentifier: 'carts', VpcSecurityGroupIds }));
  const tracked = await user.connect('carts');

  const { DBInstance: asked } = await swap('sg-ops');
  expect(asked).toMatchObject({
    DBInstanceStatus: 'modifying',
    VpcSecurityGroups: [
      { VpcSecurityGroupId: 'sg-all', Status: 'removing' },
      { VpcSecurityGroupId: 'sg-ops', Status: 'adding' },
    ],
  });
  expect(await sql('select 1')).toEqual([1]);
  await user.available('carts');

  await expect(user.connect('carts')).rejects.toThrow(/terminated|ECONNRESET/);
  await expect(user.connectFrom('127.0.0.3', 'carts')).rejects.toThrow(/terminated|ECONNRESET/);
  expect((await tracked.query('select 1 as n')).rows).toEqual([{ n: 1 }]);
  const ops = await user.connectFrom('127.0.0.2', 'carts');
  const others = `select usename::text, host(client_addr) as address, pg_terminate_backend(pid) as ended
    from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid() and usename <> 'rdsadmin'`;
  expect((await ops.query(others)).rows).toEqual([{ usename: 'carthub', address: '127.0.0.1', ended: true }]);
  await expect(tracked.query('select 1')).rejects.toThrow();

  // The platform's own session is there, and beyond the master user's reach.
  const rdsadmin = `select pid from pg_stat_activity where usename = 'rdsadmin' and datname = 'rdsadmin'`;
  expect((await ops.query(rdsadmin)).rowCount).toBeGreaterThan(0);
  await expect(ops.query(`select pg_terminate_backend(pid) from (${rdsadmin}) r`)).rejects.toMatchObject({
    code: '42501',
  });
  await ops.end();

  await swap('sg-default');
  await user.available('carts');
  await expect(user.connectFrom('127.0.0.2', 'carts')).rejects.toThrow(/terminated|ECONNRESET/);
  await expect(swap('sg-unknown')).rejects.toMatchObject({ name: 'InvalidParameterValue' });
});
