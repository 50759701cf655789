import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { localReset, refuseReset } from '../../cli/commands/local-reset.ts';

let data: string;
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'carthub-db-test-'));
  await chmod(data, 0o755);
});
afterEach(() => rm(data, { recursive: true, force: true }));

const SIGNED = JSON.stringify({ pid: 1, since: '2026-01-01T00:00:00.000Z' });

test.each([
  ['images', null],
  ['releases', null],
  ['cloud.json', '{}'],
  ['ports.json', '{"web":8080}'],
  ['lock.json', '{"name":"of another program"}'],
  ['lock.json', 'no JSON'],
  ['lock.json', null],
])('a folder of others is left alone, though it has something named %s (%j) in it', async (name, text) => {
  if (text === null) await mkdir(join(data, name));
  else await writeFile(join(data, name), text);
  await expect(refuseReset(data)).rejects.toMatchObject({
    name: 'DataFolderError',
    message: expect.stringContaining('No local cloud has ever run on'),
    remedy: expect.stringContaining('--data DIR'),
  });
});

test('an empty folder, and one that a local cloud took once, may be reset', async () => {
  await refuseReset(data);
  await writeFile(join(data, 'lock.json'), SIGNED);
  await refuseReset(data);
});

test('what is not of the local cloud stays, and is named', async () => {
  await writeFile(join(data, 'lock.json'), SIGNED);
  for (const name of ['s3', 'rds', 'releases', 'photos']) {
    await mkdir(join(data, name));
    await writeFile(join(data, name, 'content'), 'x');
  }
  await writeFile(join(data, 'notes.txt'), 'x');
  expect(await localReset(data)).toEqual(['notes.txt', 'photos']);
  expect(await readdir(data)).toEqual(['notes.txt', 'photos']);
  expect(await readdir(join(data, 'photos'))).toEqual(['content']);
});
