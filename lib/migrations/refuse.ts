import { CarthubError, type Place } from '../errors.ts';
import { placeAt } from '../postgres/place.ts';
import { redact } from '../postgres/redact.ts';
import { OWN_SCHEMA, RUN_LOCK } from '../postgres/tables.ts';
import { NO_TRANSACTION } from './mode.ts';
import type { Statement, Unreadable } from './parse.ts';
import type { ReleaseFile } from './release.ts';
import { settingsIn } from './settings.ts';
import { find, type Tree } from './tree.ts';

/** A statement that begins or ends a transaction: it would take away the one in which the file is all or nothing. */
export class TransactionControlError extends CarthubError {
  override readonly name = 'TransactionControlError';
}

/** A statement that PostgreSQL refuses inside a transaction, in a file that runs in one. */
export class NeedsNoTransactionError extends CarthubError {
  override readonly name = 'NeedsNoTransactionError';
}

/** A command of psql, which is a program and not the database. */
export class PsqlCommandError extends CarthubError {
  override readonly name = 'PsqlCommandError';
}

/** COPY from a standard input that a migration has not got. */
export class CopyFromStdinError extends CarthubError {
  override readonly name = 'CopyFromStdinError';
}

/** A statement that would take away what makes a run safe: our tables, our lock, the name of our sessions. */
export class ForbiddenStatementError extends CarthubError {
  override readonly name = 'ForbiddenStatementError';
}

/** The text is no SQL. */
export class MigrationSyntaxError extends CarthubError {
  override readonly name = 'MigrationSyntaxError';
}

type File = Pick<ReleaseFile, 'file' | 'sql' | 'mode'>;

/**
 * Refuses what must not run as part of a migration, before anything does.
 *
 * @throws TransactionControlError, NeedsNoTransactionError, CopyFromStdinError, ForbiddenStatementError
 */
export function refuse(file: File, statement: Statement): void {
  // Found only when it is needed: it means counting the lines of the whole file.
  const place = () => placeAt(file.file, file.sql, statement.start);
  refuseTransactionControl(file, statement, place);
  const { tree } = statement;
  if (tree === null) return;
  if ('CopyStmt' in tree && tree.CopyStmt.is_from && !tree.CopyStmt.filename && !tree.CopyStmt.is_program) {
    throw new CopyFromStdinError(`${file.file} copies from standard input, which a migration has not got.`, {
      remedy: 'Write the rows as INSERT, or load them outside of migrations.',
      place: place(),
    });
  }
  refuseWhatIsOurs(file, tree, place);
  if (file.mode === 'transaction') {
    const what = outsideOnly(tree);
    if (what !== null) {
      throw new NeedsNoTransactionError(`${file.file}: ${what} cannot run inside a transaction.`, {
        remedy: `Put it into a file of its own whose first line is: ${NO_TRANSACTION}`,
        place: place(),
      });
    }
  }
}

/** @throws PsqlCommandError, MigrationSyntaxError */
export function refuseUnreadable(file: File, { problem, message, at }: Unreadable): never {
  const place = placeAt(file.file, file.sql, at);
  if (problem === 'psql') {
    throw new PsqlCommandError(`${file.file} holds a command of psql.`, {
      remedy: 'Remove it: migrations are plain SQL, which the server itself runs.',
      place,
    });
  }
  throw new MigrationSyntaxError(`${file.file}: ${redact(message)}`, { remedy: 'Correct the SQL.', place });
}

/** Statements that may be taken by their first word alone; every other one must be read to be let through. */
const KNOWN_BY_HEAD = new Set([
  ...['INSERT', 'UPDATE', 'DELETE', 'MERGE', 'SELECT', 'VALUES', 'WITH', 'TRUNCATE', 'DO', 'CALL'],
  ...['CREATE', 'ALTER', 'DROP', 'COMMENT', 'GRANT', 'REVOKE'],
]);

function refuseTransactionControl(file: File, { tree, head }: Statement, place: () => Place): void {
  if (tree === null && !KNOWN_BY_HEAD.has(head)) {
    throw new ForbiddenStatementError(`${file.file} has a statement that cannot be checked: ${head}.`, {
      remedy: 'Write it in less than 1,000,000 characters, in the SQL that PostgreSQL 15 and 18 share.',
      place: place(),
    });
  }
  if (tree !== null && 'TransactionStmt' in tree) {
    throw new TransactionControlError(`${file.file} has transaction control of its own: ${head}.`, {
      remedy:
        file.mode === 'transaction'
          ? 'Remove it: the whole file is one transaction. For several, write several files.'
          : 'Remove it: in this file each statement is a transaction. For one around several, write another file.',
      place: place(),
    });
  }
  if (tree === null || !('VariableSetStmt' in tree)) return;
  const name = tree.VariableSetStmt.name ?? '';
  // The runner has begun the transaction with its journal row: too late for a level or a snapshot, and READ ONLY would
  // stop the row that records it.
  if (/^TRANSACTION( SNAPSHOT)?$/.test(name) || /^transaction_(isolation|read_only|deferrable)$/i.test(name)) {
    throw new TransactionControlError(`${file.file} changes the transaction that the runner has begun.`, {
      remedy: 'Remove SET TRANSACTION; a migration runs read committed and read write.',
      place: place(),
    });
  }
}

function refuseWhatIsOurs(file: File, tree: Tree, place: () => Place): void {
  const forbidden = (what: string, remedy: string) =>
    new ForbiddenStatementError(`${file.file} ${what}`, { remedy, place: place() });
  if ('DiscardStmt' in tree && tree.DiscardStmt.target === 'DISCARD_ALL') {
    throw forbidden(
      'would discard the run lock.',
      'Remove DISCARD ALL: the runner resets the session after each file.',
    );
  }
  const ownSchema = () =>
    forbidden(
      `touches the schema ${OWN_SCHEMA}, which is the runner's own.`,
      'Leave it alone; it says what was applied.',
    );
  if (namesOwnSchema(tree)) throw ownSchema();
  if (unlocks(tree)) {
    throw forbidden(
      'would give up the run lock.',
      'Release your own advisory locks by their keys, or use pg_advisory_xact_lock.',
    );
  }
  for (const { name, value } of settingsIn(tree)) {
    if (file.mode === 'statements' && (name === 'role' || name === 'session_authorization')) {
      throw forbidden(
        'takes another role, in which the runner could not write its journal between the statements.',
        'Set the role in a file that runs in a transaction, or change the owner afterwards: ALTER ... OWNER TO.',
      );
    }
    if (OUR_SETTINGS.has(name) && !AS_IT_IS.get(name)?.test(value ?? '')) {
      throw forbidden(
        'changes a setting by which the runner reads files or is found.',
        `Do not set ${[...OUR_SETTINGS].join(' or ')} in a migration.`,
      );
    }
    if (name === 'search_path' && value?.includes(OWN_SCHEMA)) throw ownSchema();
  }
}

/**
 * The name of our sessions, by which they are found and ended; how strings are read, which the check before rests on; and
 * the encoding in which we send: in another the server would store something else than the file says.
 */
const OUR_SETTINGS = new Set(['application_name', 'standard_conforming_strings', 'backslash_quote', 'client_encoding']);

/** What every script of pg_dump sets, to what it already is. */
const AS_IT_IS: ReadonlyMap<string, RegExp> = new Map([
  ['client_encoding', /^utf-?8$/i],
  ['standard_conforming_strings', /^(on|true|yes|1)$/i],
]);

/** Our schema as a name, which a string constant is not, except in SET search_path. */
function namesOwnSchema(tree: Tree): boolean {
  return find(tree, (key, value) => {
    if (key === 'String' || (key === 'sval' && 'VariableSetStmt' in tree)) {
      return find(value, (inner, text) => inner === 'sval' && text === OWN_SCHEMA);
    }
    return SCHEMA_FIELDS.has(key) && value === OWN_SCHEMA;
  });
}

const SCHEMA_FIELDS = new Set(['schemaname', 'newschema', 'subname', 'newname']);

/** `pg_advisory_unlock_all()`, or a release of exactly our key. */
function unlocks(tree: Tree): boolean {
  return find(tree, (key, value) => {
    if (key !== 'FuncCall') return false;
    const text = JSON.stringify(value);
    return (
      text.includes('"pg_advisory_unlock_all"') || (text.includes('"pg_advisory_unlock') && text.includes(RUN_LOCK))
    );
  });
}

/** What of PreventInTransactionBlock the tree alone tells; the rest the server says itself, with SQLSTATE 25001. */
function outsideOnly(tree: Tree): string | null {
  const concurrently = find(tree, (key, value) => key === 'concurrent' && value === true);
  if ('IndexStmt' in tree && concurrently) return 'CREATE INDEX CONCURRENTLY';
  if ('DropStmt' in tree && concurrently) return 'DROP INDEX CONCURRENTLY';
  if ('AlterTableStmt' in tree && concurrently) return 'DETACH PARTITION CONCURRENTLY';
  if ('ReindexStmt' in tree) {
    if (find(tree, (key, value) => key === 'defname' && value === 'concurrently')) return 'REINDEX CONCURRENTLY';
    if (find(tree, (key, value) => key === 'kind' && /_(SCHEMA|SYSTEM|DATABASE)$/.test(String(value))))
      return 'REINDEX of more than one table';
  }
  if ('VacuumStmt' in tree && tree.VacuumStmt.is_vacuumcmd) return 'VACUUM';
  if ('ClusterStmt' in tree && !tree.ClusterStmt.relation) return 'CLUSTER of all tables';
  if ('AlterDatabaseStmt' in tree && find(tree, (key, value) => key === 'defname' && value === 'tablespace')) {
    return 'ALTER DATABASE SET TABLESPACE';
  }
  for (const [kind, name] of OUTSIDE_ONLY) if (kind in tree) return name;
  return null;
}

const OUTSIDE_ONLY = [
  ['CreatedbStmt', 'CREATE DATABASE'],
  ['DropdbStmt', 'DROP DATABASE'],
  ['CreateTableSpaceStmt', 'CREATE TABLESPACE'],
  ['DropTableSpaceStmt', 'DROP TABLESPACE'],
  ['AlterSystemStmt', 'ALTER SYSTEM'],
] as const;
