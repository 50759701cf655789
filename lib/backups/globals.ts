import type { Client } from 'pg';
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
 * Runs the script of pg_dumpall's globals. A role that is there already is left as it is; the roles that RDS itself keeps, and
 * tablespaces, which a restored database does not have, are left out by name. Anything else that fails is an error.
 *
 * @throws RestoreFailedError
 */
export async function restoreGlobals(client: Client, script: string): Promise<RestoredGlobals> {
  const { rows } = await client.query<{ name: string }>('select rolname as name from pg_catalog.pg_roles');
  const there = new Set(rows.map(({ name }) => name));
  const result: RestoredGlobals = { created: [], existed: [], skipped: [] };
  for (const statement of splitScript(script)) {
    const role = /^(?:CREATE|ALTER) ROLE ("(?:[^"]|"")+"|[^\s;]+)/.exec(statement)?.[1];
    const name = role === undefined ? null : unquote(role);
    if (/^(CREATE|ALTER|COMMENT ON|GRANT .* ON) TABLESPACE/.test(statement)) {
      result.skipped.push(head(statement));
    } else if (name !== null && there.has(name)) {
      if (statement.startsWith('CREATE')) result.existed.push(name);
    } else {
      await run(client, statement, result);
      if (name !== null && statement.startsWith('CREATE')) result.created.push(name);
    }
  }
  return result;
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
