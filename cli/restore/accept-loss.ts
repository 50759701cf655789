import type { RestoreOptions } from '../../lib/restore/order.ts';
import { UsageError } from '../errors.ts';
import { quoted } from '../options.ts';

/** How many rows of which tables a person lets go, or whatever the report lists. */
export type AcceptedLoss = NonNullable<RestoreOptions['acceptLoss']>;

/** `public.carts=3`, or a name that is quoted as SQL quotes it. */
const ITEM = /\s*((?:"(?:[^"]|"")*"|[^",=\s])+)\s*=\s*(\d{1,15})\s*(?:,|$)/y;

/**
 * Reads `TABLE=ROWS,...` or `all`. A name without a schema is one of `public`.
 *
 * @throws UsageError
 */
export function parseAcceptedLoss(text: string): AcceptedLoss {
  const said = text.trim();
  if (said === 'all') return 'all';
  const tables: Record<string, number> = {};
  let at = 0;
  for (const match of said.matchAll(new RegExp(ITEM, 'gy'))) {
    const [part, name = '', rows = ''] = match;
    const table = withSchema(name);
    if (tables[table] !== undefined) throw wrong(text, `It names ${table} twice.`);
    tables[table] = Number(rows);
    at += part.length;
  }
  if (at === 0 || at < said.length || said.endsWith(',')) throw wrong(text, '');
  return tables;
}

/** As `--accept-loss` takes it. */
export function acceptedLossText(loss: AcceptedLoss): string {
  if (loss === 'all') return 'all';
  return quoted(
    Object.entries(loss)
      .map(([table, rows]) => `${table}=${rows}`)
      .join(','),
  );
}

function withSchema(name: string): string {
  return /^(?:"(?:[^"]|"")*"|[^".])+\./.test(name) ? name : `public.${name}`;
}

function wrong(text: string, why: string): UsageError {
  return new UsageError(`--accept-loss cannot be "${text}".${why === '' ? '' : ` ${why}`}`, {
    remedy: 'Name tables with the rows that may be lost: --accept-loss public.carts=3,public.orders=0, or: all',
  });
}
