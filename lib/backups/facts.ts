import type { ClientBase } from 'pg';
import * as z from 'zod/mini';
import { readHistory, versionOf } from '../migrations/history.ts';
import { bigint } from '../postgres/columns.ts';
import { readDocument } from '../schema/describe.ts';
import { digestOf } from '../schema/expected-schemas.ts';
import { printDocument } from '../schema/print-document.ts';
import type { Manifest } from './manifest.ts';

/** What a manifest says of the database itself. */
export type Facts = Pick<Manifest, 'schema' | 'server' | 'major' | 'encoding' | 'extensions' | 'largeObjects'> & {
  databaseBytes: number;
  /** The whole schema, as `printDocument` writes it. */
  document: string;
};

const server = z.object({ version: z.string(), number: z.string(), encoding: z.string() });
const sizes = z.object({ bytes: bigint, objects: bigint });
const extension = z.object({ name: z.string(), version: z.string(), schema: z.string() });

/** Reads it as the transaction that is open sees it. */
export async function readFacts(client: ClientBase): Promise<Facts> {
  const about = server.parse(
    await one(
      client,
      `select version() as version, current_setting('server_version_num') as number, current_setting('server_encoding') as encoding`,
    ),
  );
  const found = sizes.parse(
    await one(
      client,
      `select pg_database_size(current_database()) as bytes, (select count(*) from pg_catalog.pg_largeobject_metadata) as objects`,
    ),
  );
  const document = await readDocument(client, {});
  return {
    schema: { version: versionOf(await readHistory(client)), digest: digestOf(document) },
    document: printDocument(document),
    server: about.version,
    major: Math.floor(Number(about.number) / 10_000),
    encoding: about.encoding,
    extensions: await readExtensions(client),
    largeObjects: found.objects,
    databaseBytes: found.bytes,
  };
}

export async function readExtensions(client: ClientBase): Promise<Manifest['extensions']> {
  const { rows } = await client.query(
    `select extname as name, extversion as version, nspname as schema
     from pg_catalog.pg_extension join pg_catalog.pg_namespace n on n.oid = extnamespace order by 1`,
  );
  return z.array(extension).parse(rows);
}

async function one(client: ClientBase, sql: string): Promise<unknown> {
  return (await client.query(sql)).rows[0];
}
