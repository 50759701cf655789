import { chmod, mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureTls } from '../../local/certificates.ts';
import { createEndpoint, type Endpoint } from '../../local/endpoint.ts';
import { createCallLog } from '../../local/faults/calls.ts';
import { createFaults } from '../../local/faults/faults.ts';
import { openPorts } from '../../local/ports.ts';
import { createRds, type Rds, type RdsOptions } from '../../local/rds/rds.ts';
import { createSecrets } from '../../local/secrets/secrets.ts';
import { credentials } from './with-endpoint.ts';

/** A folder of its own that PostgreSQL's user can get to. */
export async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'carthub-db-test-rds-'));
  await chmod(folder, 0o755);
  return folder;
}

export type RunningRds = { rds: Rds; endpoint: Endpoint; caFile: string; said: string[]; stop(): Promise<void> };

/** The RDS of a folder, with a Secrets Manager, behind the real endpoint. */
export async function startRds(folder: string, options: Partial<RdsOptions> = {}): Promise<RunningRds> {
  const said: string[] = [];
  const say = (line: string) => void said.push(line);
  const now = () => new Date();
  await mkdir(folder, { recursive: true });
  const tls = await ensureTls(join(folder, 'tls'));
  const secrets = await createSecrets({
    ...{ folder: join(folder, 'secrets'), account: '000000000000', region: 'eu-west-1', now },
  });
  const rds = await createRds({
    folder: join(folder, 'rds'),
    processes: join(folder, 'processes'),
    ports: await openPorts(folder, { say }),
    tls,
    timeScale: 0.002,
    now,
    say,
    secrets,
    ...options,
  });
  await rds.start();
  const endpoint = createEndpoint({
    services: [rds.service, secrets],
    faults: createFaults(),
    calls: createCallLog(now),
    credentials,
    now,
    say,
  });
  await endpoint.listen(0);
  return {
    rds,
    endpoint,
    caFile: tls.caFile,
    said,
    async stop() {
      await endpoint.close();
      await rds.stop();
    },
  };
}
