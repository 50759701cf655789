import { ListObjectVersionsCommand, type ListObjectVersionsCommandOutput } from '@aws-sdk/client-s3';
import type { Documents } from '../documents/documents.ts';
import { s3Call } from './s3-errors.ts';

export type Version = { Key: string; VersionId: string; size: number };

/** Every version of a key, delete markers among them. */
export async function versionsOf({ s3, bucket }: Documents, key: string): Promise<Version[]> {
  const found: Version[] = [];
  let page: Partial<ListObjectVersionsCommandOutput> = {};
  do {
    const { NextKeyMarker: KeyMarker, NextVersionIdMarker: VersionIdMarker } = page;
    const input = { Bucket: bucket, Prefix: key, KeyMarker, VersionIdMarker };
    page = await s3Call('s3:ListBucketVersions', `s3://${bucket}`, () => s3.send(new ListObjectVersionsCommand(input)));
    const markers = (page.DeleteMarkers ?? []).map((marker) => ({ ...marker, Size: 0 }));
    for (const { Key, VersionId, Size } of [...(page.Versions ?? []), ...markers]) {
      if (Key === key && VersionId) found.push({ Key, VersionId, size: Size ?? 0 });
    }
    // Keys come in order: what starts with this one and goes on lies behind it.
  } while (page.IsTruncated && page.NextKeyMarker === key);
  return found;
}
