import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { liftQuarantine, withoutLifted } from '../../../lib/quarantine/lift.ts';
import {
  changeQuarantine,
  type Quarantine,
  readQuarantine,
  refuseQuarantined,
  withQuarantined,
} from '../../../lib/quarantine/quarantine.ts';
import { type Bucket, openBucket } from '../../support/bucket.ts';

let bucket: Bucket;
beforeAll(async () => {
  bucket = await openBucket();
});
afterAll(() => bucket.close());

const none: Quarantine = { format: 1, files: [], lifted: [] };
const entry = (file: string, run = 'r1') => ({
  ...{ sha256: `sha-${file}`, file, run, since: '2026-01-01T00:00:00.000Z', reason: 'half done.' },
});
const word = { by: 'somebody', reason: 'mended the function', at: '2026-01-02T00:00:00.000Z' };

test('a file is refused by its content, whatever it is called, with the run and how to lift it', () => {
  const quarantine = withQuarantined(none, [entry('2.do.b.sql')]);
  const refuse = (sha256: string) => () => refuseQuarantined([{ file: '3.do.b.sql', sha256 }], quarantine);
  expect(refuse('mended')).not.toThrow();
  expect(refuse('sha-2.do.b.sql')).toThrow(
    expect.objectContaining({
      name: 'QuarantinedError',
      message: expect.stringContaining('in run r1 (half done)'),
      remedy: expect.stringContaining('carthub-db quarantine --lift'),
    }),
  );
});

test('a file that is there stays with the run that it began with, and nothing new writes nothing', () => {
  const one = withQuarantined(none, [entry('a')]);
  expect(withQuarantined(one, [entry('a', 'r2')])).toBe(one);
  expect(withQuarantined(one, [entry('a', 'r2'), entry('b', 'r2')]).files.map(({ run }) => run)).toEqual(['r1', 'r2']);
});

test('what is lifted is kept with who did it and why; a name that is not there lifts nothing', () => {
  const both = withQuarantined(none, [entry('a'), entry('b')]);
  expect(withoutLifted(both, ['a'], word)).toMatchObject({ files: [{ file: 'b' }], lifted: [{ file: 'a', ...word }] });
  expect(withoutLifted(both, ['sha-b'], word)).toMatchObject({ files: [{ file: 'a' }] });
  expect(withoutLifted(both, 'all', word)).toMatchObject({ files: [], lifted: [{ file: 'a' }, { file: 'b' }] });
  expect(() => withoutLifted(both, ['a', 'c'], word)).toThrow(expect.objectContaining({ name: 'NotQuarantinedError' }));
});

test('of several who change it at once none undoes what another did', async () => {
  const { documents } = bucket;
  const names = ['a', 'b', 'c', 'd'];
  await Promise.all(
    names.map((name) => changeQuarantine(documents, 'carthub', (now) => withQuarantined(now, [entry(name)]))),
  );
  await Promise.all(
    ['a', 'c'].map((name) =>
      liftQuarantine({ ...{ documents, database: 'carthub', files: [name] }, ...word, now: new Date(word.at) }),
    ),
  );
  const { files, lifted } = await readQuarantine(documents, 'carthub');
  expect(files.map(({ file }) => file).sort()).toEqual(['b', 'd']);
  expect(lifted.map(({ file }) => file).sort()).toEqual(['a', 'c']);
});
