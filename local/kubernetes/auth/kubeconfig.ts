import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '../../../embedded/error-code.ts';

/** The admin's token: made once a data folder, so that a shell that was opened yesterday still knows it. */
export async function adminToken(folder: string): Promise<string> {
  const file = join(folder, 'admin-token');
  try {
    const kept = (await readFile(file, 'utf8')).trim();
    if (kept !== '') return kept;
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
  const token = randomBytes(32).toString('base64url');
  await writePrivate(file, `${token}\n`);
  return token;
}

/** Writes the file that `KUBECONFIG` names, readable by its owner only (JSON is YAML). Returns its path. */
export async function writeKubeconfig(options: {
  folder: string;
  url: string;
  caFile: string;
  token: string;
  clusterName: string;
}): Promise<string> {
  const { clusterName: name, url, caFile, token } = options;
  const file = join(options.folder, 'kubeconfig');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server: url, 'certificate-authority': caFile } }],
    users: [{ name: 'admin', user: { token } }],
    contexts: [{ name, context: { cluster: name, user: 'admin' } }],
    'current-context': name,
  };
  await writePrivate(file, `${JSON.stringify(config, null, 2)}\n`);
  return file;
}

async function writePrivate(file: string, text: string): Promise<void> {
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(`${file}.new`, text, { mode: 0o600 });
  await rename(`${file}.new`, file);
}
