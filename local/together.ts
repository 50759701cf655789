/**
 * The results of works that go on at the same time. Where one fails, the others are waited for before its error is thrown:
 * what they started is known by then and can be ended.
 */
export async function together<T extends readonly Promise<unknown>[]>(
  ...works: T
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(works);
  return Promise.all(works);
}
