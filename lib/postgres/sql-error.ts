import { CarthubError, type Place } from '../errors.ts';
import { placeAt, placeOf, unitsOfCharacters } from './place.ts';
import { redact, redactRow } from './redact.ts';
import { sqlState } from './sql-state.ts';

/** The server refused a statement of a migration (or of ours: then there is no place). `sqlState` is its code. */
export class SqlError extends CarthubError {
  override readonly name = 'SqlError';
  readonly sqlState: string | null;

  constructor(
    message: string,
    options: { remedy: string; cause: unknown; place: Place | null; sqlState: string | null },
  ) {
    super(message, options);
    this.sqlState = options.sqlState;
  }
}

/**
 * A text that was sent to the server: the part of `file` (whose text is `text`) from `start` on, in UTF-16 units, with as many
 * characters of ours `before` it.
 */
export type Sent = { file: string; text: string; start: number; before?: number };

/**
 * What the server reported, as the reader of the file needs it.
 *
 * @param sent     what the server's position counts in
 * @param fallback where to point when the server gives no position: the start of the statement that failed
 */
export function toSqlError(error: unknown, sent: Sent | null, fallback: number | null = null): SqlError {
  const state = sqlState(error);
  return new SqlError(describe(error, state), {
    remedy: remedyFor(state),
    cause: error,
    place: where(error, sent, fallback),
    sqlState: state,
  });
}

function where(error: unknown, sent: Sent | null, fallback: number | null): Place | null {
  if (sent === null) return null;
  const position = Number(field(error, 'position')) - (sent.before ?? 0);
  if (position > 0) {
    const text = sent.text.slice(sent.start);
    return placeAt(sent.file, sent.text, sent.start + unitsOfCharacters(text, position - 1));
  }
  return fallback === null ? placeOf(sent.file) : placeAt(sent.file, sent.text, fallback);
}

/** Message, detail, hint, and for what failed inside a function: in which, and the line of its statement; without secrets. */
function describe(error: unknown, state: string | null): string {
  const message = error instanceof Error ? error.message : String(error);
  const parts = [state === null ? message : `${message} (SQLSTATE ${state})`];
  const detail = field(error, 'detail');
  if (detail) parts.push(`Detail: ${redactRow(detail)}`);
  const hint = field(error, 'hint');
  if (hint) parts.push(`Hint: ${hint}`);
  const context = field(error, 'where');
  if (context) parts.push(`In: ${context}`);
  const said = redact(parts.join('\n'));
  const inner = field(error, 'internalQuery');
  if (inner === null) return said;
  const at = unitsOfCharacters(inner, Math.max(0, Number(field(error, 'internalPosition') ?? 1) - 1));
  const { caret } = placeAt('', inner, at);
  return `${said}\nStatement inside:\n${caret}`;
}

function field(error: unknown, name: string): string | null {
  if (!(error instanceof Error) || !(name in error)) return null;
  const value: unknown = Reflect.get(error, name);
  return typeof value === 'string' && value !== '' ? value : null;
}

const NO_TRANSACTION = 'Put it into a file of its own whose first line is: -- carthub: no-transaction';

/** What helps against the errors that migrations meet most; https://www.postgresql.org/docs/15/errcodes-appendix.html */
const REMEDIES: ReadonlyMap<string, string> = new Map([
  // active_sql_transaction
  ['25001', `This statement cannot run inside a transaction. ${NO_TRANSACTION}`],
  // invalid_transaction_termination: COMMIT or ROLLBACK inside a procedure
  ['2D000', `What it calls commits or rolls back by itself. ${NO_TRANSACTION}`],
  // unsafe_new_enum_value_usage
  ['55P04', 'Use the new enum value in a later file: its transaction must be committed first.'],
  // lock_not_available
  [
    '55P03',
    'Another session holds the table: find it in pg_stat_activity and pg_locks, or start again when it is done.',
  ],
  // deadlock_detected
  ['40P01', 'Another session took the same locks in another order: start again.'],
  // insufficient_privilege
  ['42501', "Grant it to the role of the database's secret, or change the owner of the object."],
  // query_canceled
  ['57014', 'It was cancelled: by statement_timeout of the file, or by a person.'],
  // disk_full
  ['53100', 'Give the instance more storage, then start again.'],
]);

function remedyFor(state: string | null): string {
  return REMEDIES.get(state ?? '') ?? 'Correct the file, or the data that it meets, and start again.';
}
