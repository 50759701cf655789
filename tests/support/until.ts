/**
 * Waits until `look` finds something, for what tells of no event: a row, a process, an object in S3.
 * Fails when it does not come within a minute, or as many as are given.
 */
export async function until<T>(
  what: string,
  look: () => Promise<T | null | undefined | false>,
  minutes = 1,
): Promise<T> {
  const deadline = Date.now() + minutes * 60_000;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`${what} did not come within ${minutes} min.`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
