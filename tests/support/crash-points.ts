import type { LoggedCall, TestCloud } from './cloud.ts';

/** One call of a restore, as it can be told from all others in another restore. */
export type CrashPoint = {
  service: string;
  operation: string;
  /** The function that makes it; null when it is the workflow's call of a function. */
  by: string | null;
  where: Record<string, string>;
  /** How many calls of the same kind come before it. */
  skip: number;
  /** Whether it changes anything. */
  hasEffect: boolean;
};

const PREFIX = 'carthub-db-carthub-';
/** What another restore calls otherwise, and what nobody can know of it beforehand. */
const CHANGING = /\{retired\}|arn:|\d{4}-\d\d-\d\d|rds!/;
const READS = /^(Get|Head|List|Describe)/;

/** The calls that the restore `run` made, each once; of those that only read, the first of each kind, since how often they look differs. */
export function pointsOf(calls: readonly LoggedCall[], run: string): CrashPoint[] {
  const seen = new Map<string, number>();
  const points: CrashPoint[] = [];
  for (const { service, operation, by, input } of calls) {
    const isInvoke = service === 'lambda';
    if (!isInvoke && (by === null || by === `${PREFIX}adopt-lease`)) continue;
    if (input.FunctionName === `${PREFIX}adopt-lease`) continue;
    // The copy's settings tell nothing that its name does not.
    const told = operation.startsWith('RestoreDBInstance')
      ? { TargetDBInstanceIdentifier: input.TargetDBInstanceIdentifier }
      : input;
    const where = whereOf(told, run);
    const key = JSON.stringify([service, operation, by, where]);
    const skip = seen.get(key) ?? 0;
    seen.set(key, skip + 1);
    const hasEffect = !isInvoke && !READS.test(operation);
    if (skip > 0 && !hasEffect) continue;
    points.push({ service, operation, by, where, skip, hasEffect });
  }
  return points;
}

function whereOf(input: Record<string, unknown>, run: string): Record<string, string> {
  const told = Object.entries(input).flatMap(([name, value]) => {
    if (['Bucket', 'if-match', 'if-none-match'].includes(name) || typeof value === 'object') return [];
    const text = String(value)
      .replaceAll(run, '{run}')
      .replace(/carthub-db-restored-[0-9a-f]{6}/, '{copy}')
      .replace(/carthub-db-retired-\d+/, '{retired}');
    return CHANGING.test(text) || text.includes('\n') ? [] : [[name, text] as const];
  });
  return Object.fromEntries(told);
}

/** The point's `where` in the restore `run`, whose copy is called `copy`. */
export function whereIn({ where }: CrashPoint, { run, copy }: { run: string; copy: string }): Record<string, string> {
  return Object.fromEntries(
    Object.entries(where).map(([name, text]) => [name, text.replaceAll('{run}', run).replace('{copy}', copy)]),
  );
}

export function nameOf({ service, operation, by, where, skip }: CrashPoint): string {
  const what = Object.entries(where)
    .filter(([name]) => !['FunctionName', 'Port', 'MultiAZ'].includes(name))
    .map(([name, text]) => (name === 'Key' ? text : `${name}=${text}`));
  const call = service === 'lambda' ? `calls ${where.FunctionName?.replace(PREFIX, '')}` : `${service} ${operation}`;
  const told = [by?.replace(PREFIX, '') ?? 'workflow', call, ...what].join(' ').slice(0, 150);
  return skip > 0 ? `${told} #${skip + 1}` : told;
}

/** What the cloud logged since a moment. */
export async function callsSince(cloud: TestCloud, since: Date): Promise<LoggedCall[]> {
  return (await cloud.calls()).filter(({ at }) => at >= since.toISOString());
}
