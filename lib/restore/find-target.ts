import { RestoreRefusedError, RestoreTargetError } from './errors.ts';
import type { Facts } from './facts.ts';
import { servingAt } from './lineage.ts';
import type { RestorePlan } from './plan.ts';

/** Where a plan goes back to, and whose logs or snapshot lead there. */
export type FoundTarget = {
  target: RestorePlan['target'];
  from: string;
  expected: RestorePlan['expected'];
  notes: string[];
};

/** The clock of the database, or of whoever asks, may be a little ahead of ours. */
const SKEW_MS = 60_000;

/**
 * @throws RestoreTargetError for what is not known, is another database's, or is outside of what is in store
 * @throws RestoreRefusedError where nothing is in store
 */
export function findTarget(facts: Facts): FoundTarget {
  const { order } = facts.options;
  switch (order.to) {
    case 'run':
      return beforeRun(facts, order.run);
    case 'time': {
      const moment = new Date(order.time);
      const second = toSecond(moment.getTime());
      const notes =
        Date.parse(second) === moment.getTime()
          ? []
          : [`${order.time} is taken as ${shortly(second)}: RDS restores to whole seconds.`];
      return atTime(facts, second, { savedSnapshot: null, expected: null, notes });
    }
    case 'latest':
      return atLatest(facts);
    case 'snapshot':
      return ofSnapshot(facts, order.snapshot);
  }
}

function beforeRun(facts: Facts, run: string): FoundTarget {
  const { restorePoint: point, before } = facts;
  if (point === null || point.run !== run) {
    throw new RestoreTargetError(`The run ${run} made no restore point: it changed nothing, or it is not known here.`, {
      remedy: 'Say a moment instead: carthub-db restore --to TIME. When a run began is in its outcome, runs/ID.json.',
    });
  }
  const { version, history, digest } = { version: before?.before, ...before };
  const expected =
    before === null || version === undefined ? null : { version, history: history ?? 0, digest: digest ?? '' };
  const notes = expected === null ? [`What the schema was before ${run} is not known.`] : [];
  return atTime(facts, toSecond(Date.parse(point.time)), { savedSnapshot: point.snapshot, expected, notes });
}

/** Always of the instance that serves: soon after a restore the latest moment in store is one at which another one still did. */
function atLatest(facts: Facts): FoundTarget {
  const from = facts.line.at(-1)?.resourceId ?? '';
  const latest =
    facts.backups.find(({ resourceId }) => resourceId === from)?.latest ?? facts.serving?.LatestRestorableTime;
  if (!latest) throw noBackups(facts, from);
  // RDS takes moments before the latest one only.
  const time = toSecond(Date.parse(latest) - 1);
  return atTime(facts, time, {
    from,
    savedSnapshot: null,
    expected: null,
    notes: [`The latest moment in store is ${shortly(time)}.`],
  });
}

type Found = Pick<FoundTarget, 'expected' | 'notes'> & { savedSnapshot: string | null; from?: string };

function atTime(facts: Facts, time: string, found: Found): FoundTarget {
  const { line, now, serving } = facts;
  const { savedSnapshot, expected, notes } = found;
  const moment = new Date(time);
  if (moment.getTime() > now.getTime() + SKEW_MS) {
    throw new RestoreTargetError(`${time} is in the future: it is ${now.toISOString()}.`, {
      remedy: 'Give a moment that has passed, with its offset: 2026-01-31T03:00:00+01:00',
    });
  }
  const from = found.from ?? servingAt(line, moment)?.resourceId ?? '';
  const window = windowOf(facts, from);
  if (window === null) throw noBackups(facts, from);
  const isServing = from === serving?.DbiResourceId;
  // Of an instance that runs the logs are still coming in.
  const isOver = !facts.instances.some(({ DbiResourceId }) => DbiResourceId === from);
  if (time < window.earliest || (isOver && time >= window.latest)) throw outside(facts, time);
  const waits =
    time >= window.latest
      ? [`The logs in store reach ${shortly(toSecond(Date.parse(window.latest)))}; they are waited for.`]
      : [];
  const older = isServing ? [] : [`${from} served the database then: its logs are replayed.`];
  // Transactions have other numbers since that restore: what one line of history sees says nothing of the other.
  return {
    target: { time, snapshot: null, savedSnapshot: isServing ? savedSnapshot : null },
    ...{ from, expected },
    notes: [...notes, ...waits, ...older],
  };
}

function ofSnapshot(facts: Facts, name: string): FoundTarget {
  const { snapshot, line } = facts;
  if (snapshot === null) {
    throw new RestoreTargetError(`There is no snapshot ${name}.`, {
      remedy: 'See which there are: aws rds describe-db-snapshots',
    });
  }
  if (!line.some(({ resourceId }) => resourceId === snapshot.resourceId)) {
    throw new RestoreTargetError(
      `The snapshot ${name} is of ${snapshot.resourceId || 'an unknown instance'}, which never served this database.`,
      {
        remedy: 'See which there are: aws rds describe-db-snapshots',
      },
    );
  }
  if (!['available', 'creating'].includes(snapshot.status)) {
    throw new RestoreTargetError(`The snapshot ${name} is ${snapshot.status}.`, {
      remedy: 'Take another snapshot, or a moment.',
    });
  }
  return {
    target: { time: null, snapshot: snapshot.identifier, savedSnapshot: null },
    ...{ from: snapshot.resourceId, expected: null },
    notes: snapshot.time === null ? [] : [`The snapshot shows the database as it was at ${snapshot.time}.`],
  };
}

/** Between which moments an instance can be put back; null when it cannot. */
export function windowOf(facts: Pick<Facts, 'backups'>, from: string): { earliest: string; latest: string } | null {
  const backup = facts.backups.find(({ resourceId }) => resourceId === from);
  return backup?.earliest && backup.latest ? { earliest: backup.earliest, latest: backup.latest } : null;
}

function noBackups({ identifier, serving, backups }: Facts, from: string): RestoreRefusedError {
  const isCreating = backups.some(({ resourceId, status }) => resourceId === from && status === 'creating');
  if (isCreating) {
    return new RestoreRefusedError(`The first automated backup of ${identifier} (${from}) is not complete yet.`, {
      remedy: 'Wait until it is, or restore from a snapshot: carthub-db restore --snapshot NAME',
    });
  }
  const days = from === serving?.DbiResourceId ? ` (retention is ${serving.BackupRetentionPeriod ?? 0} days)` : '';
  return new RestoreRefusedError(`There are no automated backups of ${from || identifier}${days}.`, {
    remedy: `Restore from a snapshot: carthub-db restore --snapshot NAME. Which there are: aws rds describe-db-snapshots --db-instance-identifier ${identifier}`,
  });
}

function outside(facts: Facts, time: string): RestoreTargetError {
  const windows = facts.line.flatMap(({ resourceId }) => {
    const window = windowOf(facts, resourceId);
    if (window === null) return [];
    const earliest = toSecond(Date.parse(window.earliest) + 999);
    return [`${shortly(earliest)} to ${shortly(toSecond(Date.parse(window.latest)))} (${resourceId})`];
  });
  return new RestoreTargetError(`${shortly(time)} cannot be restored. What is in store: ${windows.join(', ')}.`, {
    remedy: 'Give a moment within, or a snapshot: carthub-db restore --snapshot NAME',
  });
}

/** As a person writes it who gives it back to us. */
function shortly(time: string): string {
  return time.replace(/\.000Z$/, 'Z');
}

/** As the plan's documents write moments: whole seconds, in UTC. */
function toSecond(milliseconds: number): string {
  return new Date(Math.floor(milliseconds / 1000) * 1000).toISOString();
}
