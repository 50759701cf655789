import type { Client } from 'pg';
import { type Check, holdsAt } from '../../lib/schema/checks/check.ts';
import { runChecks } from '../../lib/schema/checks/run-checks.ts';
import { type Change, concerns } from './concerns.ts';
import type { Findings } from './findings.ts';

export type Due = {
  checks: readonly Check[];
  version: number;
  /** The version before; null at the first. */
  before: number | null;
  /** What the file of this version changed; null where there is none. */
  change: Change | null;
};

/**
 * Runs the checks of a version. Those that held at the version before are among them, unless they say that they end there: services
 * that were written for it still run. A check of indexes, which needs its rows made, is not run again where nothing changed that it
 * is about.
 */
export async function runDueChecks(
  client: Client,
  { checks, version, before, change }: Due,
  findings: Findings,
): Promise<void> {
  const due = checks.filter((check) => holdsAt(check, version));
  const ran: Check[] = [];
  let [passed, failed] = [0, 0];
  for (const check of due) {
    const held = before !== null && holdsAt(check, before);
    const known = held && isAboutIndexes(check) ? findings.promisesKept(check, before) : null;
    if (known !== null && change !== null && !(await concerns(check, change))) {
      passed += known;
      findings.keepPromises(check, version, known);
      continue;
    }
    ran.push(check);
    const failedBefore = failed;
    const passedBefore = passed;
    for (const result of await runChecks(client, [check], 'test database')) {
      for (const { says, problem } of result.outcomes) {
        if (problem === null) passed += 1;
        else failed += 1;
        if (problem === null || findings.isTold(`${check.file}: ${says}: ${problem.message}`)) continue;
        findings.fail(
          'checks',
          version,
          `${check.file}: ${says}${held ? `. It held at version ${before}, for which services were written` : ''}`,
          {
            fault: { name: 'CheckFailed', message: problem.message, remedy: null, place: problem.place },
          },
        );
      }
    }
    if (failed === failedBefore) findings.keepPromises(check, version, passed - passedBefore);
  }
  findings.note(version, { checks: { passed, failed } });
  if (ran.some(isAboutIndexes)) await client.query('vacuum');
}

/**
 * A hundred thousand rows that were rolled back still fill their pages, and at the next version an index would be chosen only because
 * of them.
 */
function isAboutIndexes({ steps }: Check): boolean {
  return steps.some(({ must }) => must.end === 'by index');
}
