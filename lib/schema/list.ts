import type { ClientBase } from 'pg';
import * as z from 'zod/mini';
import { CarthubError } from '../errors.ts';
import { PART_SEPARATOR } from './digests.ts';
import { LINE_SEPARATOR } from './kinds/fragments.ts';
import { isObjectKind, type KindQuery } from './kinds/kind.ts';
import { QUERIES } from './kinds/kinds.ts';
import { type Section, sectionKey } from './section.ts';
import { type ReadOptions, readCatalogs } from './session.ts';

/** A name in the database cannot be read: it holds a control character that our statements need for themselves. */
export class UnreadableNameError extends CarthubError {
  override readonly name = 'UnreadableNameError';
}

/** A section in a database, with where it is read: the number of the query, and the owner's OID. */
export type ListedSection = Section & { query: number; oid: number };

const SHA256 = (text: string) => `encode(sha256(convert_to(${text}, 'UTF8')), 'hex')`;

/**
 * A query's rows become one long text: ten thousand small rows cost the driver more than they cost the server. `count` proves that
 * no name holds a separator.
 */
function listing({ select, partOf }: KindQuery, query: number, columnOrder: 'compared' | 'ignored'): string {
  const record = (...fields: string[]) => `select ${query} as query, count(*)::integer as count,
    string_agg(concat_ws(E'\\x1f', ${fields.join(', ')}), E'\\x1e') as records`;
  if (partOf === null) return `${record('oid', SHA256('text'), 'kind', 'name')} from (${select}) object`;
  const order = partOf.as === 'column' && columnOrder === 'compared' ? 'sub' : 'name collate "C"';
  return `${record('parent', 'digest')} from (
    select parent, ${SHA256(`string_agg(concat_ws(E'\\x1f', name, text), E'\\x1e')`)} as digest
    from (select * from (${select}) part order by parent, ${order}) part group by parent) parts`;
}

const answer = z.object({ query: z.int(), count: z.int(), records: z.nullable(z.string()) });

/**
 * The whole schema by its digests, by `sectionKey`. One round trip, and a hundred bytes a section.
 *
 * @throws UnreadableNameError
 */
export async function listSections(client: ClientBase, options: ReadOptions): Promise<Map<string, ListedSection>> {
  const statement = QUERIES.map((query, number) => listing(query, number, options.columnOrder ?? 'ignored'));
  const sections = new Map<string, ListedSection>();
  const owners = { pg_class: new Map<number, Section['owner']>(), pg_type: new Map<number, Section['owner']>() };
  const add = (section: ListedSection) => sections.set(sectionKey(section), section);
  for (const row of await readCatalogs(client, options, statement.join('\nunion all\n'))) {
    const { query, count, records } = answer.parse(row);
    const found = records === null ? [] : records.split(PART_SEPARATOR);
    const read = QUERIES[query];
    if (!read || found.length !== count) throw unreadable();
    for (const record of found) {
      const [first, digest = '', kind = '', name = '', more] = record.split(LINE_SEPARATOR);
      const oid = Number(first);
      if (read.partOf !== null) {
        const owner = owners[read.partOf.catalog].get(oid);
        // Without an owner it was made while we read: the one query saw it, and the other did not yet.
        if (owner) add({ owner, parts: read.partOf.as, digest, query, oid });
        continue;
      }
      if (!isObjectKind(kind) || more !== undefined) throw unreadable();
      const owner = { kind, name };
      add({ owner, parts: null, digest, query, oid });
      if (read.catalog === 'pg_class' || read.catalog === 'pg_type') owners[read.catalog].set(oid, owner);
    }
  }
  return sections;
}

function unreadable(): UnreadableNameError {
  return new UnreadableNameError('A name in this database holds one of the control characters U+001E and U+001F.', {
    remedy: `Find and rename it: select oid::regclass from pg_class where relname ~ '[\\x1e\\x1f]' (and so on in pg_attribute, pg_proc, ...)`,
  });
}
