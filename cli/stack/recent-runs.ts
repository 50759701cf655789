import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { readIfReadable } from '../../lib/documents/documents.ts';
import { type OutcomeRecord, record } from '../../lib/runs/record.ts';
import type { Stack } from './stack.ts';

/** The outcomes of the last `count` runs, the newest first. Those that still run have none yet. */
export async function recentRuns({ s3, names }: Stack, count: number): Promise<OutcomeRecord[]> {
  const found: { key: string; at: number }[] = [];
  for (let token: string | undefined; ; ) {
    const page = await s3.send(
      new ListObjectsV2Command({
        Bucket: names.bucket,
        Prefix: 'runs/',
        // What lies below a run's own folder is not listed.
        Delimiter: '/',
        ...(token === undefined ? {} : { ContinuationToken: token }),
      }),
    );
    for (const { Key: key = '', LastModified: at } of page.Contents ?? []) found.push({ key, at: at?.getTime() ?? 0 });
    token = page.NextContinuationToken;
    if (token === undefined) break;
  }
  const newest = found.sort((a, b) => b.at - a.at || b.key.localeCompare(a.key)).slice(0, count);
  const read = await Promise.all(newest.map(({ key }) => readIfReadable({ s3, bucket: names.bucket }, key, record)));
  return read.flatMap(({ value }) => (value === null ? [] : [value]));
}
