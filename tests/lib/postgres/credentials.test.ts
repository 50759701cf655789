import { expect, test } from '@jest/globals';
import { parseDatabaseSecret, parseDatabaseUrl } from '../../../lib/postgres/connect.ts';

const SECRET = { username: 'u', password: 'p w', host: 'h', port: 5432, dbname: 'd' };

test('a secret has its port as a number or as digits', () => {
  expect(parseDatabaseSecret(JSON.stringify({ ...SECRET, engine: 'postgres' }))).toEqual(SECRET);
  expect(parseDatabaseSecret(JSON.stringify({ ...SECRET, port: '5432' }))).toEqual(SECRET);
});

test.each([
  ['username', { username: '' }],
  ['password', { password: undefined }],
  ['password', { password: 12345 }],
  ['host', { host: null }],
  ['port', { port: '5432x' }],
  ['port', { port: 0 }],
  ['port', { port: 65_536 }],
  ['port', { port: 1.5 }],
  ['dbname', { dbname: [] }],
])('a secret that is wrong in its %s names that key and no value', (key, change) => {
  const json = JSON.stringify({ ...SECRET, password: 'secret-word', ...change });
  expect(() => parseDatabaseSecret(json)).toThrow(
    expect.objectContaining({
      name: 'DatabaseSecretError',
      message: `The database's secret is missing or wrong in: ${key}.`,
      remedy: expect.stringContaining('"dbname"'),
    }),
  );
});

test.each(['', '{', 'secret-word', '"secret-word"', 'null', '[]'])(
  'a secret that is %j is refused without being told',
  (json) => {
    expect(() => parseDatabaseSecret(json)).toThrow(
      expect.objectContaining({ name: 'DatabaseSecretError', message: expect.not.stringContaining('secret-word') }),
    );
  },
);

test('an address is taken apart, percent-encoding included', () => {
  expect(parseDatabaseUrl('postgresql://a%40b:p%2Fw%3A@127.0.0.1:6543/the%20db', [])).toEqual({
    ...{ username: 'a@b', password: 'p/w:', host: '127.0.0.1', port: 6543, dbname: 'the db', tls: false },
  });
  expect(parseDatabaseUrl('postgres://u:p@[::1]/d', [])).toMatchObject({ host: '::1', port: 5432, tls: false });
});

test('a loopback address is spoken to in TLS when it asks for it, any other always', () => {
  expect(parseDatabaseUrl('postgresql://u:p@localhost/d?sslmode=verify-full', [])).toMatchObject({ tls: true });
  expect(parseDatabaseUrl('postgresql://u:p@db.example/d', ['db.example'])).toMatchObject({ tls: true });
});

test.each([
  ['a host that nobody allowed', 'postgresql://u:secret-word@db.example/d'],
  ['a host that only begins like an allowed one', 'postgresql://u:secret-word@db.example.org.evil/d'],
  ['a host whose number looks like loopback', 'postgresql://u:secret-word@127.0.0.1.evil/d'],
  ['plain text to an allowed host', 'postgresql://u:secret-word@db.example.org/d?sslmode=disable'],
  ['another protocol', 'mysql://u:secret-word@127.0.0.1/d'],
  ['no password', 'postgresql://secret-word@127.0.0.1/d'],
  ['no database', 'postgresql://u:secret-word@127.0.0.1/'],
  ['broken percent-encoding', 'postgresql://u:secret-word%zz@127.0.0.1/d'],
  ['no address', 'secret-word'],
])('an address with %s is refused without being told', (_, url) => {
  expect(() => parseDatabaseUrl(url, ['db.example.org'])).toThrow(
    expect.objectContaining({ name: 'DatabaseUrlError', message: expect.not.stringContaining('secret-word') }),
  );
});
