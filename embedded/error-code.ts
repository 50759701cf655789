/**
 * Whether `error` carries one of these codes (`ENOENT`). It asks for no `instanceof Error`, which is false for Node's own
 * errors inside Jest, whose tests run in another realm.
 */
export function hasCode(error: unknown, ...codes: string[]): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && codes.includes(String(error.code));
}
