import type { Fault } from '../../lib/errors.ts';
import type { Check } from '../../lib/schema/checks/check.ts';
import type { Difference } from '../../lib/schema/difference.ts';
import type { Applicable } from '../release/apply.ts';
import type { Failure, VersionReport } from './report.ts';

/** A version's files, ready to be applied. */
export type Step = { version: number; does: Applicable; undoes: Applicable | null };

/** What is found out, version by version, while files are tried. */
export class Findings {
  readonly failures: Failure[] = [];
  private readonly reports: Map<number, VersionReport>;
  private readonly told = new Set<string>();
  private readonly kept = new Map<Check, { version: number; promises: number }>();

  constructor(steps: readonly Step[]) {
    this.reports = new Map(steps.map((step) => [step.version, notTried(step)]));
  }

  get versions(): VersionReport[] {
    return [...this.reports.values()];
  }

  /** Whether the undo of the version has an end yet. */
  isUntried(version: number): boolean {
    return this.reports.get(version)?.undo.end === 'not tried';
  }

  note(version: number, change: Partial<VersionReport>): void {
    const report = this.reports.get(version);
    if (report) this.reports.set(version, { ...report, ...change });
  }

  fail(
    during: Failure['during'],
    version: number,
    says: string,
    { fault = null, differences = [] }: { fault?: Fault | null; differences?: Difference[] } = {},
  ): void {
    this.failures.push({ during, version, says, fault, differences });
  }

  /** Notes that every promise of the check held at the version. */
  keepPromises(check: Check, version: number, promises: number): void {
    this.kept.set(check, { version, promises });
  }

  /** How many promises of the check held at the version; null when not all did. */
  promisesKept(check: Check, version: number): number | null {
    const kept = this.kept.get(check);
    return kept?.version === version ? kept.promises : null;
  }

  /** Whether this was asked before: what fails at one version fails in the same words at all later ones. */
  isTold(key: string): boolean {
    const told = this.told.has(key);
    this.told.add(key);
    return told;
  }
}

function notTried({ version, does, undoes }: Step): VersionReport {
  const undo = {
    file: undoes?.file ?? null,
    end: undoes === null ? ('missing' as const) : ('not tried' as const),
    ms: null,
  };
  return { version, file: does.file, appliedMs: null, checks: { passed: 0, failed: 0 }, undo, again: 'not tried' };
}
