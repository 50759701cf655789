import { CarthubError } from '../../lib/errors.ts';
import { CheckFileError } from '../../lib/schema/checks/read-check.ts';
import { IgnoreRulesError } from '../../lib/schema/ignore.ts';
import { InputError } from '../errors.ts';

/** The history in the database is not one of this folder's migrations. */
export class ForeignHistoryError extends InputError {
  override readonly name = 'ForeignHistoryError';
}

/** The files could not be applied to an empty database that far, so that there is nothing to compare with. */
export class UnknownSchemaError extends InputError {
  override readonly name = 'UnknownSchemaError';
}

/** They say by themselves what is wrong with which file. */
const OWN_NAMES = [InputError, IgnoreRulesError, CheckFileError];

/** What does not fit between database and folder is for the person who named both: exit code 2, with the reason's own words. */
export async function asInput<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof CarthubError) || OWN_NAMES.some((kind) => cause instanceof kind)) throw cause;
    throw new ForeignHistoryError(cause.message, { remedy: cause.remedy, place: cause.place, cause });
  }
}
