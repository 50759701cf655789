import { examinedSchema } from '../damage/examined-schema.ts';
import { type Documents, readIfReadable } from '../documents/documents.ts';
import type { JudgedDifference } from '../schema/judge.ts';
import type { Warning } from '../schema/warnings/warning.ts';
import { appliedFiles } from './applied-files.ts';
import { keys } from './keys.ts';
import { madeSnapshot } from './made-snapshot.ts';
import { plan } from './plan.ts';
import { type AppliedFile, type Verdict, verdict } from './verdict.ts';

/** What a run and those who looked after it left in the bucket for whoever tells its outcome. */
export type Evidence = {
  /** What the runner said of itself: the whole report, or what its pod handed over when S3 did not take the report. */
  said: Verdict | null;
  /** The database's own word where somebody asked it, else the runner's. */
  files: AppliedFile[];
  snapshot: string | null;
  /** What the plan found, also where it then refused. */
  planned: { before: number; pending: number } | null;
  /** How the schema differs after the run, or differed before it where it did not get further. */
  differences: JudgedDifference[];
  /** Why nobody knows what the schema should be after the run; null when somebody does, or nobody looked. */
  unproven: string | null;
  warnings: Warning[];
  /** Which documents were of no use, and why. */
  notes: string[];
};

/** Reads what there is. What cannot be read counts as not there: an outcome has to be told all the same. */
export async function readEvidence(documents: Documents, run: string): Promise<Evidence> {
  const [report, handed, applied, snapshot, planned, examined] = await Promise.all([
    readIfReadable(documents, keys.report(run), verdict),
    readIfReadable(documents, keys.verdict(run), verdict),
    readIfReadable(documents, keys.applied(run), appliedFiles),
    readIfReadable(documents, keys.snapshot(run), madeSnapshot),
    readIfReadable(documents, keys.plan(run), plan),
    readIfReadable(documents, keys.differences(run), examinedSchema),
  ]);
  const all = [report, handed, applied, snapshot, planned, examined];
  const ours = <T extends { run: string }>({ value }: { value: T | null }) => (value?.run === run ? value : null);
  const said = ours(report) ?? ours(handed);
  const drift = ours(planned)?.drift.map((difference) => ({ ...difference, whose: 'before' as const })) ?? [];
  const found = ours(planned);
  return {
    said,
    planned: found === null ? null : { before: found.before, pending: found.pending.length },
    files: ours(applied)?.files ?? said?.files ?? [],
    snapshot: ours(snapshot)?.id ?? null,
    differences: ours(examined)?.differences ?? drift,
    unproven: ours(examined)?.unproven ?? null,
    warnings: ours(planned)?.warnings ?? [],
    notes: [
      ...(ours(examined)?.broken ?? []).map((broken) => `A check does not hold on this database: ${broken}`),
      ...all.flatMap(({ unreadable }) => (unreadable === null ? [] : [notRead(unreadable)])),
      ...all.flatMap(({ value }) => (value === null || value.run === run ? [] : [ofAnother(run, value.run)])),
    ],
  };
}

/** What a record says of a document that is of no use. */
export function notRead(why: string): string {
  return `A document of this run cannot be read and counts as not there: ${why}`;
}

function ofAnother(run: string, other: string): string {
  return `A document under runs/${run}/ is of the run ${other} and counts as not there.`;
}
