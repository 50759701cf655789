import { ServiceError } from '../service.ts';

export type Page<T> = { items: T[]; nextToken: string | null };

/**
 * One page of `all`. The token names where the next one begins, and by a check that it is a page of the same list.
 *
 * @throws {ServiceError} `InvalidToken`
 */
export function pageOf<T>(all: T[], options: { of: string; maxResults: number; token: string | undefined }): Page<T> {
  const size = options.maxResults === 0 ? 100 : options.maxResults;
  const from = options.token === undefined ? 0 : read(options.token, options.of);
  const end = from + size;
  return {
    items: all.slice(from, end),
    nextToken: end < all.length ? Buffer.from(JSON.stringify([options.of, end])).toString('base64') : null,
  };
}

function read(token: string, of: string): number {
  try {
    const [list, from]: unknown[] = JSON.parse(Buffer.from(token, 'base64').toString());
    if (list === of && typeof from === 'number') return from;
  } catch (cause) {
    if (!(cause instanceof SyntaxError || cause instanceof TypeError)) throw cause;
  }
  throw new ServiceError('InvalidToken', `Invalid Token: 'Invalid token'`);
}
