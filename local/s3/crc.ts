/** A cyclic redundancy check that takes its data in pieces. */
export type Crc = { update(data: Buffer): void; digest(): Buffer };

const CASTAGNOLI = table64(0x82f63b78n, 32n);
// https://reveng.sourceforge.io/crc-catalogue/17plus.htm#crc.cat.crc-64-nvme, reflected
const NVME = table64(0x9a6c9329ac4bc9b5n, 64n);

/** CRC-32C (Castagnoli). */
export function crc32c(): Crc {
  const table = CASTAGNOLI.low;
  let crc = 0xffffffff;
  return {
    update(data) {
      for (const byte of data) crc = (crc >>> 8) ^ (table[(crc ^ byte) & 0xff] ?? 0);
    },
    digest: () => bytes(~crc),
  };
}

/** CRC-64/NVME, which S3 takes where the client names no other checksum; in two halves, because BigInt is slow. */
export function crc64nvme(): Crc {
  const { low: lows, high: highs } = NVME;
  let low = 0xffffffff;
  let high = 0xffffffff;
  return {
    update(data) {
      for (const byte of data) {
        const index = (low ^ byte) & 0xff;
        low = ((low >>> 8) | (high << 24)) ^ (lows[index] ?? 0);
        high = (high >>> 8) ^ (highs[index] ?? 0);
      }
    },
    digest: () => Buffer.concat([bytes(~high), bytes(~low)]),
  };
}

/** 32 bits, most significant byte first. */
export function bytes(word: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32BE(word >>> 0);
  return buffer;
}

function table64(polynomial: bigint, width: bigint): { low: Uint32Array; high: Uint32Array } {
  const low = new Uint32Array(256);
  const high = new Uint32Array(256);
  for (let index = 0; index < 256; index += 1) {
    let value = BigInt(index);
    for (let bit = 0; bit < 8; bit += 1) value = value & 1n ? (value >> 1n) ^ polynomial : value >> 1n;
    value = BigInt.asUintN(Number(width), value);
    low[index] = Number(value & 0xffffffffn);
    high[index] = Number(value >> 32n);
  }
  return { low, high };
}
