/** Every part of an upload has this size but the last of an object. Three of them are all the memory that the dump takes. */
export const PART_BYTES = 16 * 1024 * 1024;

/**
 * Parts of one object: 156 GiB. S3 takes 10,000 (https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html); a stream that is longer goes
 * on in a new object.
 */
export const PARTS_PER_OBJECT = 9_984;

/** The objects that a stream of this length becomes. */
export function objectsOf(bytes: number): { bytes: number; parts: number }[] {
  const whole = PARTS_PER_OBJECT * PART_BYTES;
  const sizes = Array.from({ length: Math.ceil(bytes / whole) }, (_, index) => Math.min(whole, bytes - index * whole));
  return sizes.map((size) => ({ bytes: size, parts: partsOf(size) }));
}

/** The parts that an object of this size has. */
export function partsOf(bytes: number, partBytes: number = PART_BYTES): number {
  return Math.max(1, Math.ceil(bytes / partBytes));
}
