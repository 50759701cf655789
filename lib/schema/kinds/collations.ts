import { COMMENT, commentOn, isCompared, lines, owner, qualified, when, words } from './fragments.ts';
import type { KindQuery } from './kind.ts';

/**
 * The encoding is left out: it is the database's, or any, depending on whether the collation was made or copied. So is the
 * version of the library: it is the operating system's, and what it means for indexes is not the schema's affair.
 */
export const collations: KindQuery = {
  catalog: 'pg_collation',
  partOf: null,
  select: `select 'collation' as kind, c.oid, 0 as sub, 0::oid as parent, ${qualified('c.collnamespace', 'c.collname')} as name,
    ${lines(
      words(
        `case c.collprovider when 'i' then 'icu' when 'c' then 'libc' else 'default' end`,
        `'collate ' || quote_literal(c.collcollate)`,
        `'ctype ' || quote_literal(c.collctype)`,
        `'locale ' || quote_literal(c.colliculocale)`,
        when('not c.collisdeterministic', `'nondeterministic'`),
      ),
      owner('c.collowner'),
      COMMENT,
    )} as text,
    array[c.xmin, comment.xmin] as xids
  from pg_collation c
  ${commentOn('pg_collation', 'c.oid')}
  where ${isCompared('pg_collation', 'c', 'collnamespace')}`,
};
