import { chmod, chown, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { dataFolder } from '../../cli/data-folder.ts';
import { canReach, runUser } from '../../embedded/run-user.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'carthub-db-test-'));
  await chmod(root, 0o755);
  await mkdir(join(root, 'checkout'));
  await mkdir(join(root, 'tmp'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

function choose(named: string | null, env: Record<string, string> = {}) {
  const [checkout, temporary, system] = [join(root, 'checkout'), join(root, 'tmp'), join(root, 'system')];
  return dataFolder({ named, env: { HOME: join(root, 'home'), ...env }, cwd: root, checkout, temporary, system });
}

const isRoot = process.getuid?.() === 0;

test('is .carthub-db in the checkout, without a word', () => {
  expect(choose(null)).toEqual({ path: join(root, 'checkout/.carthub-db'), note: null });
});

test('is what --data names, before CARTHUB_DB_DATA, relative to the working directory', () => {
  expect(choose('a/b', { CARTHUB_DB_DATA: 'c' })).toEqual({ path: join(root, 'a/b'), note: null });
  expect(choose(null, { CARTHUB_DB_DATA: 'c' })).toEqual({ path: join(root, 'c'), note: null });
});

test('lies elsewhere when the checkout will not do, and says where and why', async () => {
  await rm(join(root, 'checkout'), { recursive: true });
  await writeFile(join(root, 'checkout'), 'a file');
  const { path, note } = choose(null);
  expect(path).not.toContain(join(root, 'checkout/'));
  expect(note).toContain(path);
  expect(note).toContain('checkout/.carthub-db cannot be used: a part of the path is a file');
});

test('can be reached by the user whom PostgreSQL runs as, whatever the umask', async () => {
  const umask = process.umask(0o077);
  try {
    const { path } = choose('deep/down/here');
    expect(canReach(path, runUser())).toBe(true);
    expect((await stat(join(root, 'deep'))).mode & 0o777).toBe(isRoot ? 0o755 : 0o700);
  } finally {
    process.umask(umask);
  }
});

describe('a folder that was named and will not do is wrong input, with the reason and a remedy', () => {
  test('a file', async () => {
    await writeFile(join(root, 'file'), 'x');
    expect(() => choose('file')).toThrow(/file cannot be used: it is a file/);
    expect(() => choose('file/below')).toThrow(/cannot be used: a part of the path is a file/);
  });

  (isRoot ? test : test.skip)('one that the user whom root lends to PostgreSQL cannot reach', async () => {
    await mkdir(join(root, 'private'), { mode: 0o700 });
    expect(() => choose('private')).toThrow(/that user cannot get there/);
    expect(() => choose('private/below')).toThrow(/that user cannot get there/);
    await expect(stat(join(root, 'private/below'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  (isRoot ? test.skip : test)('one that may not be written', async () => {
    await mkdir(join(root, 'closed'), { mode: 0o500 });
    expect(() => choose('closed')).toThrow(/permission denied/);
  });
});

(isRoot ? test : test.skip)("leaves alone another user's folder in the checkout", async () => {
  const data = join(root, 'checkout/.carthub-db');
  await mkdir(data);
  await chown(data, 12345, 12345);
  const { path, note } = choose(null);
  expect(path).not.toBe(data);
  expect(note).toContain('it belongs to another user');
});
