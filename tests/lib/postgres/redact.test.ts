import { expect, test } from '@jest/globals';
import { redact, redactInPlace, redactRow } from '../../../lib/postgres/redact.ts';
import { toSqlError } from '../../../lib/postgres/sql-error.ts';

test.each([
  [`alter role a password 's3cret'`, `alter role a password '***'`],
  [`alter role a encrypted PASSWORD e's3\\'cret' x`, `alter role a encrypted PASSWORD '***' x`],
  [`SQL statement "alter role x password ''s3cret-value''"`, `SQL statement "alter role x password '***'"`],
  [`x password ''s3''''cret'' y`, `x password '***' y`],
  [`x password ''''s3cret'''' y`, `x password '***' y`],
  [`x password E''s3\\''cret'' y`, `x password '***' y`],
  [`x password '''s3''cret''' y`, `x password '***' y`],
  [`x password $$s3'cret$$ y`, `x password '***' y`],
  [`x password $t$s3$$cret$t$ y`, `x password '***' y`],
  [`x password /* why */ 's3'\n  'cret' y`, `x password /* why */ '***' y`],
  [`x password ''; alter role b password 's3''cret' y`, `x password '***'; alter role b password '***' y`],
  [`connection 'host=h password=s3cret dbname=d'`, `connection 'host=h password=*** dbname=d'`],
  [`options (user 'u', "password" 's3cret')`, `options (user 'u', "password" '***')`],
  [`update a set password = 's3cret' where b = 'c'`, `update a set password = '***' where b = 'c'`],
  [`unterminated quoted string at or near "'s3cret"`, `unterminated quoted string at or near "..."`],
  [`password is null and a = 'b'`, `password is null and a = 'b'`],
])('%s is said without the secret', (text, said) => {
  expect(redact(text)).toBe(said);
  if (!text.startsWith('unterminated')) {
    expect(redactInPlace(text)).not.toMatch(/s3|cret/);
    expect(redactInPlace(text)).toHaveLength(text.length);
  }
});

test.each([
  ['Key (a, lower(b))=(1, x)y) already exists.', 'Key (a, lower(b))=(...) already exists.'],
  ['Key (a)=(1) is not present in table "b".', 'Key (a)=(...) is not present in table "b".'],
  ['Key (a)=([1,2)) conflicts with existing key (a)=([1,3)).', 'Key (a)=(...) conflicts with existing key (a)=(...).'],
  ['Failing row contains (1, Ann\n(x), null).', 'Failing row contains (...).'],
  ['Partition key of the failing row contains (a) = (7).', 'Partition key of the failing row contains (...).'],
  ['view v depends on table t', 'view v depends on table t'],
])('the detail %s is said without the row', (detail, said) => {
  expect(redactRow(detail)).toBe(said);
});

test('an error of the server keeps no secret in any of its parts', () => {
  const secret = `alter role x password ''s3cret''`;
  const error = Object.assign(new Error(secret), {
    detail: 'Failing row contains (s3cret).',
    hint: secret,
    where: `SQL statement "${secret}"`,
    internalQuery: secret,
    internalPosition: '3',
  });
  const { message } = toSqlError(error, null);
  expect(message).not.toContain('s3cret');
  expect(message).toContain('Statement inside:\nalter role x password');
});
