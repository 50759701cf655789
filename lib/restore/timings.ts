import * as z from 'zod/mini';
import { type Documents, readDocument, replaceDocument } from '../documents/documents.ts';
import { keys } from '../runs/keys.ts';

const time = z.iso.datetime();

/** How long each part of a restore took, in `runs/<id>/restore/report.json`. */
export const restoreReport = z.object({
  format: z.literal(1),
  run: z.string(),
  phases: z.array(z.object({ phase: z.string(), since: time, until: time })),
  /** How long the application was stopped; null where it was not, or still is. */
  frozenSeconds: z.nullable(z.number()),
});

export type RestoreReport = z.infer<typeof restoreReport>;
export type Phase = RestoreReport['phases'][number];

export async function readReport(documents: Documents, run: string): Promise<RestoreReport> {
  const found = await readDocument(documents, keys.restore.report(run), restoreReport);
  return found?.value ?? { format: 1, run, phases: [], frozenSeconds: null };
}

/** Adds a phase that is over, or gives one that went on its later end. Steps come one after the other, so nobody writes beside us. */
export async function notePhase(documents: Documents, run: string, phase: Phase): Promise<void> {
  const report = await readReport(documents, run);
  const phases = withPhase(report.phases, phase);
  if (JSON.stringify(phases) === JSON.stringify(report.phases)) return;
  await replaceDocument(documents, keys.restore.report(run), { ...report, phases });
}

export function withPhase(phases: Phase[], { phase, since, until }: Phase): Phase[] {
  const known = phases.find((each) => each.phase === phase);
  if (known === undefined) return [...phases, { phase, since, until }];
  return phases.map((each) => (each === known ? { ...known, until } : each));
}

export function secondsBetween(since: string, until: string): number {
  return Math.round((Date.parse(until) - Date.parse(since)) / 100) / 10;
}
