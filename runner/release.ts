import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { type Documents, parseDocument } from '../lib/documents/documents.ts';
import { modeOf } from '../lib/migrations/mode-of.ts';
import { type Release, release } from '../lib/migrations/release.ts';
import { keys } from '../lib/runs/keys.ts';
import { ReleaseInvalidError, ReleaseMismatchError } from './errors.ts';

/**
 * The release document, byte for byte the one that its key names.
 *
 * @throws ReleaseInvalidError, DocumentInvalidError
 */
export async function loadRelease({ s3, bucket }: Documents, key: string): Promise<Release> {
  const where = `s3://${bucket}/${key}`;
  let bytes: Uint8Array;
  try {
    const got = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    bytes = (await got.Body?.transformToByteArray()) ?? new Uint8Array();
  } catch (cause) {
    if (!(cause instanceof Error && cause.name === 'NoSuchKey')) throw cause;
    throw new ReleaseInvalidError(`There is no ${where}.`, {
      remedy: 'Upload the release again: carthub-db migrate does it before it starts the state machine.',
      cause,
    });
  }
  if (keys.release(sha256(bytes)) !== key) {
    throw new ReleaseInvalidError(`The bytes of ${where} are not those that its name promises.`, {
      remedy: 'Somebody wrote over it: look at its earlier versions, and upload the release again.',
    });
  }
  const parsed = parseDocument(Buffer.from(bytes).toString('utf8'), release, where);
  const problem = await contradiction(parsed);
  if (problem === null) return parsed;
  throw new ReleaseInvalidError(`${where}: ${problem}.`, { remedy: 'Make the release again with carthub-db.' });
}

/** What no release says of itself that was made from files. */
async function contradiction({ files, target }: Release): Promise<string | null> {
  const versions = files.map(({ version }) => version);
  if (new Set(versions).size < versions.length) return 'a version is there twice';
  if (target !== Math.max(0, ...versions)) return `its target ${target} is not its highest version`;
  for (const { file, sql, mode, sha256: expected } of files) {
    if (sha256(sql) !== expected || (await modeOf(file, sql)) !== mode) {
      return `the text of ${file} is not what is said of it`;
    }
  }
  return null;
}

/**
 * Compares the release with the migrations that the image carries: what was reviewed and what was built must be the same.
 *
 * @throws ReleaseMismatchError
 */
export async function compareWithImage(released: Release, folder: string): Promise<void> {
  const inImage = new Map<string, string>();
  for (const name of await list(folder)) inImage.set(name, sha256(await readFile(join(folder, name))));
  const wrong: string[] = [];
  for (const { file, sha256: expected } of released.files) {
    const found = inImage.get(file);
    inImage.delete(file);
    if (found === undefined) wrong.push(`${file} is missing in the image`);
    else if (found !== expected) wrong.push(`${file} is different in the image`);
  }
  for (const name of inImage.keys()) wrong.push(`${name} is in the image only`);
  if (wrong.length === 0) return;
  const shown = wrong.slice(0, 5).join('; ') + (wrong.length > 5 ? `; and ${wrong.length - 5} more` : '');
  throw new ReleaseMismatchError(`The image's migrations are not those of the release: ${shown}.`, {
    remedy: 'Build the image and the release from the same commit, and start again with both.',
  });
}

async function list(folder: string): Promise<string[]> {
  try {
    const names = await readdir(folder);
    return names.filter((name) => /^\d+\.do\..*\.sql$/.test(name) || /^\d+\.do\.sql$/.test(name));
  } catch (cause) {
    throw new ReleaseMismatchError(`The image has no folder ${folder}.`, {
      remedy: 'Copy the migrations beside runner.cjs when the image is built.',
      cause,
    });
  }
}

function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
