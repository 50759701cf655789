// A program of its own that holds the RDS of a folder, with the endpoint, until its standard input ends.
import { once } from 'node:events';
import { join } from 'node:path';
import { endOrphans } from '../../embedded/processes.ts';
import { startRds } from './with-rds.ts';

const [folder = ''] = process.argv.slice(2);
const orphans = await endOrphans(join(folder, 'processes'));
const running = await startRds(folder);
process.stdout.write(`${JSON.stringify({ url: running.endpoint.url, caFile: running.caFile, orphans })}\n`);
process.stdin.resume();
await once(process.stdin, 'end');
await running.stop();
for (const line of running.said) process.stderr.write(`${line}\n`);
