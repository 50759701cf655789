/**
 * The base of every failure that we name ourselves.
 *
 * Leaf classes set `name` to a literal: minifiers rename classes, and Step Functions matches the name that Lambda reports
 * (`errorType`) with the string in `ErrorEquals`. A test holds every such string against the bundles.
 */
export abstract class CarthubError extends Error {
  abstract override readonly name: string;
  /** What a person should do next, with the exact command where there is one. */
  readonly remedy: string;
  /** Where in a file of theirs it went wrong, when that is known. */
  readonly place: Place | null;

  constructor(message: string, options: { remedy: string; cause?: unknown; place?: Place | null }) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.remedy = options.remedy;
    this.place = options.place ?? null;
  }
}

/** A place in a migration file. Lines and columns count from 1; `caret` shows the line with a caret below it. */
export type Place = { file: string; line: number | null; column: number | null; caret: string | null };

/** A failure as it travels: in a verdict, in the outcome record, on the command line. */
export type Fault = { name: string; message: string; remedy: string | null; place: Place | null };

const REMEDY = '\nRemedy: ';
/** Then `FILE:LINE:COLUMN`, and below it the line with a caret. */
const PLACE = '\nPlace: ';

/** The form of an error that is kept and shown; what is not ours is a fault of ours to have let through, under its own name. */
export function toFault(error: unknown): Fault {
  if (error instanceof CarthubError) {
    return { name: error.name, message: error.message, remedy: error.remedy, place: error.place };
  }
  if (error instanceof Error) return { name: error.name, message: error.message, remedy: null, place: null };
  return { name: 'Error', message: String(error), remedy: null, place: null };
}

/**
 * The message that Lambda hands to Step Functions. Only a name and one text survive that way
 * (https://docs.aws.amazon.com/lambda/latest/dg/nodejs-exceptions.html), so place and remedy travel at the end of the text.
 */
export function toWireMessage({ message, place, remedy }: CarthubError): string {
  const at = place === null || place.line === null ? '' : `${PLACE}${[place.file, place.line, place.column].join(':')}`;
  return `${message}${at}${at !== '' && place?.caret ? `\n${place.caret}` : ''}${REMEDY}${remedy}`;
}

/** The reverse of {@link toWireMessage}. */
export function fromWireMessage(name: string, text: string): Fault {
  const [said, remedy] = splitLast(text, REMEDY);
  const [message, at] = remedy === null ? [said, null] : splitLast(said, PLACE);
  const place = at === null ? null : toPlace(at);
  return { name, message: at !== null && place === null ? said : message, remedy, place };
}

function splitLast(text: string, by: string): [string, string | null] {
  const at = text.lastIndexOf(by);
  return at < 0 ? [text, null] : [text.slice(0, at), text.slice(at + by.length)];
}

function toPlace(text: string): Place | null {
  const [, file, line, column, caret] = /^(.+):(\d+):(\d+)(?:\n(.*))?$/s.exec(text) ?? [];
  if (file === undefined) return null;
  return { file, line: Number(line), column: Number(column), caret: caret ?? null };
}
