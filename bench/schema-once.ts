import { readFileSync } from 'node:fs';
import { withClient } from '../lib/postgres/connect.ts';
import { compareWithDocument } from '../lib/schema/compare-database.ts';
import { parseDocument } from '../lib/schema/parse-document.ts';
import { peakMebibytes } from '../runner/peak-memory.ts';

/**
 * Reads a schema and compares it with a document, once, in a process of its own, so that its memory can be told: as `validate` does, from opening the
 * connection and the file to the verdict.
 */
const [port, dbname = '', file = ''] = process.argv.slice(2);
const start = performance.now();
const { differences } = await withClient(
  {
    credentials: { username: 'postgres', password: 'trusted', host: '127.0.0.1', port: Number(port), dbname },
    applicationName: 'bench',
    ca: null,
    connectTimeoutMs: 10_000,
  },
  (client) =>
    compareWithDocument(client, () => parseDocument(readFileSync(file, 'utf8'), file), { migrator: 'postgres' }),
);
const milliseconds = performance.now() - start;
console.log(JSON.stringify({ milliseconds, differences: differences.length, mebibytes: peakMebibytes() }));
