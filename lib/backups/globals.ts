import type { Client } from 'pg';
import { quoteIdentifier } from '../postgres/identifier.ts';
import { redact } from '../postgres/redact.ts';
import { sqlState } from '../postgres/sql-state.ts';
import { RestoreFailedError } from './errors.ts';

/** What became of the roles of a backup. */
export type RestoredGlobals = {
  created: string[];
  /** There already, and left as they are: role by name. */
  existed: string[];
  /** Statements that were left out, by what they are about. */
  skipped: string[];
};

/** insufficient_privilege, and what a reserved role answers */
const NOT_OURS = new Set(['42501', '42939']);

/**
 * Runs the script of pg_dumpall's globals. Who is no superuser, as RDS's master user, may not even name the attributes of one: they are
 * left out, and told where they were set; and he is made a member of the roles that he made, since the owner of a table is given to
 * nobody else. A role that is there already is left as it is; the roles that RDS itself keeps, and
 * tablespaces, which a restored database does not have, are left out by name. Anything else that fails is an error.
 *
 * @throws RestoreFailedError
 */
export async function restoreGlobals(client: Client, script: string): Promise<RestoredGlobals> {
  const { rows } = await client.query<{ name: string; mayall: boolean }>(
    'select rolname as name, rolsuper and rolname = current_user as mayall from pg_catalog.pg_roles',
  );
  const there = new Set(rows.map(({ name }) => name));
  const isSuperuser = rows.some(({ mayall }) => mayall);
  const result: RestoredGlobals = { created: [], existed: [], skipped: [] };
  for (const statement of splitScript(script)) {
    const role = /^(?:CREATE|ALTER) ROLE ("(?:[^"]|"")+"|[^\s;]+)/.exec(statement)?.[1];
    const name = role === undefined ? null : unquote(role);
    if (/^(CREATE|ALTER|COMMENT ON|GRANT .* ON) TABLESPACE/.test(statement)) {
      result.skipped.push(head(statement));
    } else if (name !== null && there.has(name)) {
      if (statement.startsWith('CREATE')) result.existed.push(name);
    } else {
      await run(client, isSuperuser ? statement : asMaster(statement, result), result);
      if (name !== null && statement.startsWith('CREATE')) result.created.push(name);
    }
  }
  if (!isSuperuser) await join(client, result.created);
  return result;
}

/** A role's name, quoted or not. */
const NAME = '(?:"(?:[^"]|"")+"|[^\\s;"]+)';
const ATTRIBUTES = new RegExp(
  `^(?<start>ALTER ROLE ${NAME} WITH)(?<words>[A-Z0-9 -]*?)(?<rest>$| (?:PASSWORD|VALID UNTIL) [^]*$)`,
);
const GRANTOR = new RegExp(`^(?<grant>GRANT [^]*) GRANTED BY ${NAME}$`);

/** The statement without what only a superuser may say. What is missing then is a new role's default, or told as skipped. */
function asMaster(statement: string, result: RestoredGlobals): string {
  const { grant } = GRANTOR.exec(statement)?.groups ?? {};
  if (grant !== undefined) return grant;
  const { start, words, rest } = ATTRIBUTES.exec(statement)?.groups ?? {};
  if (start === undefined || words === undefined || rest === undefined) return statement;
  for (const [word, no] of words.matchAll(PRIVILEGED)) if (no === undefined) result.skipped.push(`${start}${word}`);
  return `${start}${words.replaceAll(PRIVILEGED, '')}${rest}`;
}

const PRIVILEGED = / (NO)?(?:SUPERUSER|REPLICATION|BYPASSRLS)(?= |$)/g;

/** Not where it would be a circle, of a role that we are granted to. */
async function join(client: Client, roles: readonly string[]): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `select rolname as name from pg_catalog.pg_roles
      where rolname = any($1) and not pg_has_role(oid, 'usage') and not pg_has_role(rolname, current_user, 'member')`,
    [roles],
  );
  for (const { name } of rows) await client.query(`grant ${quoteIdentifier(name)} to current_user`);
}

async function run(client: Client, statement: string, result: RestoredGlobals): Promise<void> {
  try {
    await client.query(statement);
  } catch (cause) {
    // Only for a membership among roles of the server's own, which a role that is no superuser may not give.
    if (NOT_OURS.has(sqlState(cause) ?? '') && /^GRANT (pg_|"?rds|"?postgres)/.test(statement)) {
      result.skipped.push(head(statement));
      return;
    }
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new RestoreFailedError(`A statement of the roles' script failed: ${head(statement)}: ${redact(said)}`, {
      remedy:
        'Make the role by hand as globals.sql of the backup has it, or restore as a role that may (rds_superuser), and start again.',
      cause,
    });
  }
}

function head(statement: string): string {
  return redact(statement).replaceAll(/\s+/g, ' ').slice(0, 120);
}

/**
 * The statements of a script that pg_dumpall wrote: comments and psql's own commands left out. A semicolon inside a string or a quoted
 * name does not end one.
 */
export function splitScript(script: string): string[] {
  const statements: string[] = [];
  let current = '';
  for (const [piece] of script.matchAll(TOKEN)) {
    const isOpen = current.trim() !== '';
    if (piece.startsWith('--') || (piece.startsWith('\\') && !isOpen)) continue;
    if (piece !== ';') current += piece;
    else if (isOpen) {
      statements.push(current.trim());
      current = '';
    }
  }
  return statements;
}

const TOKEN = /--[^\n]*|\\[^\n]*|[eE]'(?:\\[\s\S]|''|[^'\\])*'|'(?:''|[^'])*'|"(?:""|[^"])*"|;|[^;'"\\\-eE]+|[\s\S]/g;

function unquote(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
}
