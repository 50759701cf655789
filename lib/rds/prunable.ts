/** A snapshot of a run, as far as it matters whether it may go. */
export type RunSnapshot = {
  id: string;
  run: string;
  status: string;
  madeAt: string;
  expires: string;
  keep: string | null;
};

/** How a run ended; null when nobody has written that down. */
export type RunEnd = { outcome: string } | null;

export type Prunable = { remove: string[]; kept: { id: string; because: string }[] };

/** After these the database is what a version describes, and the snapshot was a precaution. */
const SETTLED = new Set([
  ...['Migrated', 'NothingToDo', 'Refused', 'FailedUntouched', 'FailedPartway', 'FailedRestored'],
]);

/**
 * Chooses the snapshots of runs that nobody needs any more: those past their date whose run ended with a database that some version
 * describes. The newest stays in any case, and so does what somebody protected.
 *
 * @param endOf by the run's id
 * @param held  the runs that the lease names: one is under way, or left the database dirty
 */
export function choosePrunable(options: {
  snapshots: readonly RunSnapshot[];
  endOf: (run: string) => RunEnd;
  held: readonly string[];
  now: Date;
}): Prunable {
  const { snapshots, endOf, held, now } = options;
  const newestFirst = snapshots.toSorted((a, b) => Date.parse(b.madeAt) - Date.parse(a.madeAt));
  const newest = newestFirst.find(({ status }) => status === 'available')?.id;
  const chosen: Prunable = { remove: [], kept: [] };
  for (const snapshot of newestFirst) {
    const because = whyKept(snapshot, { end: endOf(snapshot.run), isHeld: held.includes(snapshot.run), newest, now });
    if (because === null) chosen.remove.push(snapshot.id);
    else chosen.kept.push({ id: snapshot.id, because });
  }
  return chosen;
}

function whyKept(
  { id, run, status, expires, keep }: RunSnapshot,
  about: { end: RunEnd; isHeld: boolean; newest: string | undefined; now: Date },
): string | null {
  const { end, isHeld, newest, now } = about;
  if (keep !== null) return `protected: ${keep}`;
  if (isHeld) return `the lease names its run, ${run}`;
  if (end === null) return `nobody knows how its run ended, ${run}`;
  if (!SETTLED.has(end.outcome)) return `its run ended as ${end.outcome}`;
  if (id === newest) return 'the newest';
  // Also when the date is none: what cannot be read is left alone.
  if (!(Date.parse(expires) <= now.getTime())) return `until ${expires}`;
  return status === 'available' ? null : `it is ${status}`;
}
