import * as z from 'zod/mini';
import { ServiceUnavailableError } from '../aws/transient.ts';
import { type Documents, putDocument, readDocument } from '../documents/documents.ts';
import { CarthubError } from '../errors.ts';
import { keys } from '../runs/keys.ts';

/** A file that is to be applied made the database dirty before, by its own SQL. */
export class QuarantinedError extends CarthubError {
  override readonly name = 'QuarantinedError';
}

/** A file whose own SQL made the database dirty, by its content: mended, it is another one. */
const quarantinedFile = z.object({
  sha256: z.string(),
  file: z.string(),
  run: z.string(),
  since: z.string(),
  reason: z.string(),
});

/** The files that no migration applies until a person lifts that, in `quarantine/<database>.json`. */
export const quarantine = z.object({
  format: z.literal(1),
  files: z.array(quarantinedFile),
  /** Who let which of them go, and why. */
  lifted: z._default(
    z.array(z.object({ sha256: z.string(), file: z.string(), by: z.string(), reason: z.string(), at: z.string() })),
    [],
  ),
});

export type QuarantinedFile = z.infer<typeof quarantinedFile>;
export type Quarantine = z.infer<typeof quarantine>;

export async function readQuarantine(documents: Documents, database: string): Promise<Quarantine> {
  return (await readDocument(documents, keys.quarantine(database), quarantine))?.value ?? NONE;
}

/** With these files too; one that is there already stays as it is, with the run that it began with. */
export function withQuarantined(current: Quarantine, files: readonly QuarantinedFile[]): Quarantine {
  const news = files.filter(({ sha256 }) => !current.files.some((each) => each.sha256 === sha256));
  return news.length === 0 ? current : { ...current, files: [...current.files, ...news] };
}

/** @throws QuarantinedError for the first that is quarantined */
export function refuseQuarantined(pending: readonly { file: string; sha256: string }[], { files }: Quarantine): void {
  for (const { file, sha256 } of pending) {
    const found = files.find((each) => each.sha256 === sha256);
    if (found === undefined) continue;
    throw new QuarantinedError(
      `${file} made the database dirty in run ${found.run} (${found.reason.replace(/\.$/, '')}), and is as it was then.`,
      { remedy: `Mend the file; or let it be tried again: carthub-db quarantine --lift ${file} --reason TEXT` },
    );
  }
}

const NONE: Quarantine = { format: 1, files: [], lifted: [] };
const TRIES = 8;

/** Changes the database's quarantine; a change that changes nothing writes nothing. */
export async function changeQuarantine(
  documents: Documents,
  database: string,
  change: (current: Quarantine) => Quarantine,
): Promise<Quarantine> {
  const key = keys.quarantine(database);
  for (let tried = 0; tried < TRIES; tried += 1) {
    const stored = await readDocument(documents, key, quarantine);
    const current = stored?.value ?? NONE;
    const wanted = change(current);
    if (wanted === current || (await putDocument(documents, key, wanted, stored?.etag ?? null))) return wanted;
  }
  throw new ServiceUnavailableError(`${key} changed ${TRIES} times while it was being changed.`, {
    remedy: 'Try again.',
  });
}
