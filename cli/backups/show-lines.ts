import { dataOf } from '../../lib/backups/manifest.ts';
import { named } from '../paragraph.ts';
import { duration } from '../timeline/duration.ts';
import { minute, whatIsWrong } from './lines.ts';
import type { Backups, Listed } from './read.ts';
import { age, size } from './size.ts';

/** Everything that is known of one backup, and how to restore it by hand. */
export function showLines(backup: Listed, { at, bucket }: Pick<Backups, 'at' | 'bucket'>): string[] {
  const { manifest } = backup;
  const wrong = whatIsWrong(backup);
  return [
    `${backup.id}: ${manifest.database} as it was ${age(at.getTime() - Date.parse(manifest.snapshotAt))} ago`,
    ...named(facts(backup)),
    ...(wrong.length === 0 ? [] : ['Not as it should be:', ...wrong.map((each) => `  ${each}`)]),
    'Tables, with the rows in each:',
    ...named(manifest.tables.map(({ schema, table, rows }) => [`${schema}.${table}`, String(rows)])),
    `Objects in s3://${bucket}:`,
    ...dataOf(manifest).flatMap((object) => [
      `  ${object.key}  ${size(object.size)}, ${object.parts === 1 ? '1 part' : `${object.parts} parts`}`,
      `    sha256 ${object.sha256}${object.versionId === null ? '' : `  version ${object.versionId}`}`,
    ]),
    'By hand, with pg_restore, psql and the AWS command line alone:',
    ...manifest.restoreByHand.map((step) => `  ${step}`),
  ];
}

function facts(backup: Listed): [string, string][] {
  const { manifest, verification, drill, heldUntil } = backup;
  const { schema, extensions, largeObjects } = manifest;
  const rows = manifest.tables.reduce((sum, table) => sum + table.rows, 0);
  return [
    [
      'taken',
      `${manifest.snapshotAt}, at ${manifest.lsn}, by run ${manifest.run}, in ${duration(manifest.durationMs)}`,
    ],
    ['schema', `version ${schema.version ?? 'unknown'}, digest ${schema.digest}`],
    ['holds', `${size(backup.bytes)}; ${rows} rows in ${manifest.tables.length} tables; ${largeObjects} large objects`],
    ['server', `${manifest.server}, ${manifest.encoding}; dumped by ${manifest.tool}`],
    ['extensions', extensions.map(({ name, version }) => `${name} ${version}`).join(', ') || 'none'],
    ['encrypted', manifest.encryptionKey === null ? 'by S3' : `with ${manifest.encryptionKey}`],
    [
      'verified',
      verification === null
        ? 'no: it was never read back in full'
        : `${backup.verified}: read back in full at ${minute(verification.at)} in ${duration(verification.durationMs)}, ${verification.rows} rows decoded`,
    ],
    [
      'drilled',
      drill === null
        ? 'no: it was never restored'
        : drill.result === 'drilled'
          ? `yes, at ${minute(drill.at)}: restored in ${duration(drill.restoreMs)}`
          : `failed at ${minute(drill.at)}`,
    ],
    [
      'expires',
      backup.expires === 'never'
        ? `never: ${backup.because}`
        : `${backup.expires.slice(0, 10)} at the earliest; kept as ${backup.because}`,
    ],
    ...(heldUntil === null
      ? []
      : [['held', heldUntil === 'ever' ? 'until the hold is lifted' : heldUntil] as const]
    ).map(([name, text]): [string, string] => [name, text]),
  ];
}
