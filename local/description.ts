import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDocument } from './documents.ts';

/** What a running cloud says of itself: in `cloud.json` of its data folder, and in one line on its standard output. */
export type CloudDescription = {
  pid: number;
  /** For `AWS_ENDPOINT_URL`. */
  endpoint: string;
  /** For `KUBECONFIG`. */
  kubeconfig: string;
  region: string;
  account: string;
  accessKeyId: string;
  secretAccessKey: string;
  timeScale: number;
  startedAt: string;
  /** The certificate authority of everything here that speaks TLS. */
  caFile: string;
  /** For `PGSSLROOTCERT`. */
  databaseCaFile: string;
};

const NAME = 'cloud.json';

/** To be done last: who finds the file finds the cloud ready. */
export async function publishDescription(data: string, description: CloudDescription): Promise<void> {
  await writeDocument(join(data, NAME), description);
}

/** Also of a cloud that was killed. */
export async function withdrawDescription(data: string): Promise<void> {
  await rm(join(data, NAME), { force: true });
}
