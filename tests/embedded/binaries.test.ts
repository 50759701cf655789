import { execFileSync } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { packageFolder, prepare } from '../../embedded/binaries.ts';
import { runUser } from '../../embedded/run-user.ts';

const user = runUser();
let folder: string;
let native: string;
let temporary: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'carthub-db-test-'));
  await chmod(folder, 0o755);
  native = join(folder, 'checkout', 'native');
  temporary = join(folder, 'temporary');
  await mkdir(join(folder, 'checkout'));
  await mkdir(temporary);
  await cp(packageFolder().native, native, {
    recursive: true,
    // As `npm ci --ignore-scripts` leaves it: the links are not in the package.
    filter: (source) => !/\.so(\.\d+)?$/.test(source) || !/lib(ecpg|ecpg_compat|icu\w+|pgtypes|pq)\.so/.test(source),
  });
});

afterEach(() => rm(folder, { recursive: true }));

/** Runs it as PostgreSQL's user, whose libraries the links name. */
function version(installation: string): string {
  return execFileSync(join(installation, 'bin', 'postgres'), ['--version'], {
    cwd: '/',
    encoding: 'utf8',
    ...(user ? { uid: user.uid, gid: user.gid } : {}),
  });
}

test('links that npm did not make are made', async () => {
  const found = await prepare({ native, version: 'test', temporary }, user);

  expect(found).toBe(native);
  expect(version(found)).toMatch(/PostgreSQL\) 15\./);
});

test('a checkout that may not be written is copied, with the links', async () => {
  await chmod(join(native, 'lib'), 0o555);
  // Root may write there all the same, so for root the links are made in place.
  const found = await prepare({ native, version: 'test', temporary }, user);
  await chmod(join(native, 'lib'), 0o755);

  expect(found).toBe(user ? native : join(temporary, `carthub-db-postgres-test-${process.getuid?.()}`));
  expect(version(found)).toMatch(/PostgreSQL\) 15\./);
});

test('a checkout that only root can read is copied for the user that PostgreSQL runs as', async () => {
  await closeToOthers(join(folder, 'checkout'));

  const found = await prepare({ native, version: 'test', temporary }, user);
  const again = await prepare({ native, version: 'test', temporary }, user);

  expect(again).toBe(found);
  expect(version(found)).toMatch(/PostgreSQL\) 15\./);
  if (user) {
    expect(found).toBe(join(temporary, 'carthub-db-postgres-test-0'));
    expect((await stat(join(found, 'share', 'postgresql', 'postgres.bki'))).mode & 0o777).toBe(0o644);
    expect(await readdir(temporary)).toHaveLength(1);
  }
});

test('a folder for temporary files that PostgreSQL cannot reach is refused with the remedy', async () => {
  if (!user) return;
  await closeToOthers(join(folder, 'checkout'));
  await chmod(temporary, 0o700);

  await expect(prepare({ native, version: 'test', temporary }, user)).rejects.toMatchObject({
    name: 'EmbeddedPostgresError',
    remedy: expect.stringContaining('TMPDIR'),
  });
});

test('processes that make the copy at the same time all get a whole one', async () => {
  await closeToOthers(join(folder, 'checkout'));

  const found = await Promise.all([1, 2, 3].map(() => prepare({ native, version: 'test', temporary }, user)));

  expect(new Set(found).size).toBe(1);
  expect(await readdir(temporary)).toHaveLength(user ? 1 : 0);
});

/** What a umask of 077 makes of a checkout. */
async function closeToOthers(path: string): Promise<void> {
  const { mode } = await stat(path);
  await chmod(path, mode & 0o700);
  if ((mode & 0o040000) === 0) return;
  for (const entry of await readdir(path, { withFileTypes: true })) {
    if (!entry.isSymbolicLink()) await closeToOthers(join(path, entry.name));
  }
}
