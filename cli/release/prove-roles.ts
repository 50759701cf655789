import { randomBytes } from 'node:crypto';
import type { Client } from 'pg';
import { quoteIdentifier } from '../../lib/postgres/identifier.ts';
import { SqlError } from '../../lib/postgres/sql-error.ts';
import { type Applicable, apply } from './apply.ts';
import { withRemedy } from './prove-remedy.ts';

/**
 * What applies files and makes the roles that they name and nobody made, as roles are made outside of migrations. Only for a file in
 * one transaction, which leaves nothing when it fails.
 *
 * To own a table a role must be able to make one there. On the real database somebody has seen to that; here they can through a role of
 * ours, for the length of a file, so that no schema that is read in between tells of it.
 */
export function applierWithRoles(client: Client): { apply(file: Applicable): Promise<void>; helper: string } {
  const helper = `carthub_db_may_create_${randomBytes(6).toString('hex')}`;
  let helps = false;
  const tryFile = async (file: Applicable) => {
    if (!helps) return apply(client, file);
    await inPublic(client, `grant create on schema public to ${helper}`);
    try {
      await apply(client, file);
    } finally {
      await inPublic(client, `revoke create on schema public from ${helper}`);
    }
  };
  const applyWithRoles = async (file: Applicable) => {
    for (let made = 0; ; made += 1) {
      try {
        await tryFile(file);
        return;
      } catch (error) {
        const role = file.mode === 'transaction' && made < MOST_ROLES ? missingRole(error) : null;
        if (role === null || !(await mayMakeRoles(client))) throw withRemedy(error);
        if (!helps) await client.query(`create role ${helper}`);
        helps = true;
        await client.query(`create role ${quoteIdentifier(role)} in role ${helper} role current_user`);
      }
    }
  };
  return { apply: applyWithRoles, helper };
}

/**
 * Drops the roles that are there now, were not before, and are named in a text that ran: a server keeps them when the database
 * goes.
 *
 * @returns those that could not be dropped
 */
export async function dropRoles(
  client: Client,
  before: ReadonlySet<string>,
  texts: readonly string[],
): Promise<string[]> {
  const named = (role: string) => texts.some((text) => text.toLowerCase().includes(role.toLowerCase()));
  const made = (await roles(client)).filter((role) => !before.has(role) && named(role));
  const left: string[] = [];
  for (const role of made) {
    try {
      await client.query(`drop role if exists ${quoteIdentifier(role)}`);
    } catch (error) {
      left.push(`${role} (${error instanceof Error ? error.message : String(error)})`);
    }
  }
  return left;
}

export async function roles(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ rolname: string }>('select rolname from pg_roles order by rolname');
  return rows.map(({ rolname }) => rolname);
}

const MOST_ROLES = 50;

async function inPublic(client: Client, statement: string): Promise<void> {
  await client.query(`do $$ begin if to_regnamespace('public') is not null then ${statement}; end if; end $$`);
}

async function mayMakeRoles(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ may: boolean }>(
    'select rolcreaterole or rolsuper as may from pg_roles where rolname = current_user',
  );
  return rows[0]?.may ?? false;
}

function missingRole(error: unknown): string | null {
  if (!(error instanceof SqlError) || error.sqlState !== UNDEFINED_OBJECT) return null;
  return /^role "(.+)" does not exist/.exec(error.message)?.[1] ?? null;
}

const UNDEFINED_OBJECT = '42704';
