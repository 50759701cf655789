import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { bytes, type Crc, crc32c, crc64nvme } from './crc.ts';
import { invalidRequest } from './errors.ts';

/** The algorithms of https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html */
export const ALGORITHMS = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const;
export type Algorithm = (typeof ALGORITHMS)[number];
export type ChecksumType = 'COMPOSITE' | 'FULL_OBJECT';

/** The checksum of an object or a part; `value` is base64, with `-N` behind for a composite one of N parts. */
export type Checksum = { algorithm: Algorithm; type: ChecksumType; value: string };

export function createChecksum(algorithm: Algorithm): Crc {
  switch (algorithm) {
    case 'CRC32': {
      let crc = 0;
      return {
        update: (data) => {
          crc = crc32(data, crc);
        },
        digest: () => bytes(crc),
      };
    }
    case 'CRC32C':
      return crc32c();
    case 'CRC64NVME':
      return crc64nvme();
    default: {
      const hash = createHash(algorithm.toLowerCase());
      return { update: (data) => hash.update(data), digest: () => hash.digest() };
    }
  }
}

/** `x-amz-checksum-crc32` and so on. */
export function headerOf(algorithm: Algorithm): string {
  return `x-amz-checksum-${algorithm.toLowerCase()}`;
}

/** `ChecksumCRC32` and so on, as the documents have it. */
export function elementOf(algorithm: Algorithm): `Checksum${Algorithm}` {
  return `Checksum${algorithm}`;
}

export function parseAlgorithm(text: string): Algorithm {
  const found = ALGORITHMS.find((algorithm) => algorithm === text.toUpperCase());
  if (!found)
    throw invalidRequest(
      `Checksum algorithm provided is unsupported. Please try again with any of the valid types: [${ALGORITHMS.join(', ')}]`,
    );
  return found;
}

/** The checksum that the request's headers give, or announce to come behind the body (`value` null); null for none. */
export function claimedChecksum(
  headers: Record<string, string>,
): { algorithm: Algorithm; value: string | null } | null {
  const given = ALGORITHMS.filter((algorithm) => headers[headerOf(algorithm)] !== undefined);
  const trailer = headers['x-amz-trailer']?.trim().toLowerCase();
  const announced = ALGORITHMS.filter((algorithm) => headerOf(algorithm) === trailer);
  if (trailer !== undefined && announced.length === 0) {
    throw invalidRequest('The value specified in the x-amz-trailer header is not supported');
  }
  const [algorithm, another] = [...given, ...announced];
  if (another)
    throw invalidRequest('Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.');
  if (!algorithm) {
    if (headers['x-amz-sdk-checksum-algorithm'] === undefined) return null;
    throw invalidRequest(
      'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.',
    );
  }
  return { algorithm, value: headers[headerOf(algorithm)] ?? null };
}

/** Reply headers that tell a checksum. */
export function checksumHeaders(checksum: Checksum | null): Record<string, string> {
  return checksum ? { [headerOf(checksum.algorithm)]: checksum.value, 'x-amz-checksum-type': checksum.type } : {};
}

/** Elements of a reply document that tell a checksum. */
export function checksumElements(checksum: Checksum | null): Record<string, string> {
  return checksum ? { [elementOf(checksum.algorithm)]: checksum.value, ChecksumType: checksum.type } : {};
}
