import type { StreamingReply } from '../service.ts';
import { countOf, keyEncoder, listKeys } from './list-keys.ts';
import type { Version } from './model.ts';
import { type S3, type S3Request, xmlReply } from './request.ts';

type Line = { kind: 'prefix'; key: string } | { kind: 'version'; key: string; version: Version; latest: boolean };

/** ListObjectVersions: keys in order, each newest first, delete markers among them. */
export async function listVersions(s3: S3, { bucket: name, query }: S3Request): Promise<StreamingReply> {
  const bucket = s3.store.bucket(name);
  const encode = keyEncoder(query);
  const [prefix, delimiter] = [query.get('prefix') ?? '', query.get('delimiter') ?? ''];
  const keyMarker = query.get('key-marker') ?? '';
  const versionMarker = query.get('version-id-marker');
  const count = countOf(query, 'max-keys');

  const rest = versionMarker === null ? [] : linesOf(keyMarker, bucket.keys.get(keyMarker) ?? []);
  const lines: Line[] = [
    ...rest.slice(rest.findIndex(({ version }) => version.versionId === versionMarker) + 1),
    ...listKeys(bucket.keys.keys(), { prefix, delimiter, after: keyMarker }).flatMap((entry): Line[] =>
      entry.kind === 'prefix'
        ? [{ kind: 'prefix', key: entry.key }]
        : linesOf(entry.key, bucket.keys.get(entry.key) ?? []),
    ),
  ];
  const page = lines.slice(0, count);
  const truncated = lines.length > page.length && count > 0;
  const last = truncated ? page.at(-1) : undefined;
  const rows = page.flatMap((line) => (line.kind === 'version' ? [line] : []));
  return xmlReply('ListVersionsResult', {
    Name: name,
    Prefix: encode(prefix),
    Delimiter: delimiter === '' ? null : encode(delimiter),
    KeyMarker: encode(keyMarker),
    VersionIdMarker: versionMarker ?? '',
    MaxKeys: count,
    EncodingType: query.get('encoding-type'),
    IsTruncated: truncated,
    NextKeyMarker: last ? encode(last.key) : null,
    NextVersionIdMarker: last?.kind === 'version' ? last.version.versionId : null,
    Version: rows.flatMap(({ key, version, latest }) =>
      version.kind === 'object'
        ? [
            {
              ...row(encode(key), version, latest, s3.account),
              ETag: `"${version.etag}"`,
              ChecksumAlgorithm: version.checksum?.algorithm,
              ChecksumType: version.checksum?.type,
              Size: version.size,
              StorageClass: version.headers['x-amz-storage-class'] ?? 'STANDARD',
            },
          ]
        : [],
    ),
    DeleteMarker: rows.flatMap(({ key, version, latest }) =>
      version.kind === 'marker' ? [row(encode(key), version, latest, s3.account)] : [],
    ),
    CommonPrefixes: page.filter(({ kind }) => kind === 'prefix').map(({ key }) => ({ Prefix: encode(key) })),
  });
}

function linesOf(key: string, versions: Version[]): Extract<Line, { kind: 'version' }>[] {
  return versions.map((version, index) => ({ kind: 'version', key, version, latest: index === 0 }));
}

function row(key: string, version: Version, latest: boolean, owner: string): Record<string, unknown> {
  return {
    Key: key,
    VersionId: version.versionId,
    IsLatest: latest,
    LastModified: version.modified,
    Owner: { ID: owner },
  };
}
