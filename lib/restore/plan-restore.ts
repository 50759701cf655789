import { createHash } from 'node:crypto';
import { LONGEST_IDENTIFIER, LONGEST_NAME } from '../rds/identifiers.ts';
import { isEmpty, stuckIn } from './copy-status.ts';
import { RestoreRefusedError } from './errors.ts';
import type { Facts } from './facts.ts';
import { findTarget, windowOf } from './find-target.ts';
import { followsOf, NOBODY_ASKED } from './followers.ts';
import { usualSeconds } from './lineage.ts';
import type { RestorePlan } from './plan.ts';
import { resumeTarget } from './resume-target.ts';
import { type CapturedInstance, groupsOf, tagOf } from './settings/instance.ts';
import { DATABASE_TAG, EXPIRES_TAG, RUN_TAG } from './settings/tags.ts';

/**
 * What a restore is to do, from facts alone.
 *
 * @throws RestoreTargetError @throws RestoreRefusedError with the remedy
 */
export function planRestore(facts: Facts): RestorePlan {
  const { run, options, now, line, resumed } = facts;
  const serving = servingInstance(facts);
  if (options.resume !== null && resumed === null) {
    throw new RestoreRefusedError(`${options.resume} is no restore that made a plan.`, {
      remedy: 'Start a new one: carthub-db restore --plan',
    });
  }
  const found = resumed === null ? findTarget(facts) : resumeTarget(facts, resumed, serving);
  const copy = resumed?.copy ?? { identifier: named(facts.identifier, `-restored-${sha256(run.id).slice(0, 6)}`) };
  const retired = {
    identifier: named(facts.identifier, `-retired-${now.toISOString().replace(/\D/g, '').slice(0, 14)}`),
  };
  checkNames(facts, resumed === null ? [copy.identifier, retired.identifier] : [retired.identifier]);
  if (resumed === null) checkQuotas(facts, serving);
  const follows = followsOf(
    serving,
    facts.followers,
    run.kind === 'migrate' && options.order.to === 'run' && run.onFailure === 'auto',
  );
  refuseFollowers(follows);
  const source = { resourceId: serving.DbiResourceId, identifier: facts.identifier, groups: groupsOf(serving) };
  const agreed = {
    ...{ database: run.database, order: options.order, source },
    // Not what others had to be asked for: whoever plans beforehand may not be allowed to ask, or not reach the database.
    follows: followsOf(serving, NOBODY_ASKED, false),
    target: options.order.to === 'latest' ? null : found.target,
    from: found.from,
  };
  return {
    ...{ format: 1, run: run.id, database: run.database, order: options.order, source, copy, retired, follows },
    target: found.target,
    ...(found.from === source.resourceId ? {} : { from: found.from }),
    ...(resumed === null ? {} : { resumes: [resumed.run, ...(resumed.resumes ?? [])] }),
    expected: found.expected,
    window: {
      earliest: line.flatMap(({ resourceId }) => windowOf(facts, resourceId)?.earliest ?? []).toSorted()[0] ?? null,
      latest: windowOf(facts, source.resourceId)?.latest ?? null,
    },
    expectedSeconds: usualSeconds(line),
    notes: [...found.notes, ...notesOf(facts, serving)],
    madeAt: now.toISOString(),
    digest: sha256(JSON.stringify(agreed)),
  };
}

/** The instance that serves now, as one that can be replaced. */
function servingInstance({ serving, identifier, opsGroup }: Facts): CapturedInstance {
  if (serving === null) {
    throw new RestoreRefusedError(`There is no RDS instance ${identifier}.`, {
      remedy: `A cutover may be half done: the sweeper finishes it, within minutes. If the instance was deleted, restore it under its name: aws rds restore-db-instance-to-point-in-time --target-db-instance-identifier ${identifier} --source-dbi-resource-id ID (aws rds describe-db-instance-automated-backups)`,
    });
  }
  if (serving.Engine !== 'postgres' || serving.DBClusterIdentifier !== undefined) {
    throw new RestoreRefusedError(
      `${identifier} is of ${serving.Engine} and in the cluster ${serving.DBClusterIdentifier}.`,
      {
        remedy: 'Only single instances of RDS for PostgreSQL are restored here.',
      },
    );
  }
  const primary = serving.ReadReplicaSourceDBInstanceIdentifier ?? serving.ReadReplicaSourceDBClusterIdentifier;
  if (primary !== undefined) {
    throw new RestoreRefusedError(`${identifier} is a read replica of ${primary}.`, { remedy: `Restore ${primary}.` });
  }
  // What is captured now is what the copy gets: nobody would ever get in.
  if (opsGroup !== null && groupsOf(serving).join() === opsGroup) {
    throw new RestoreRefusedError(`${identifier} is frozen, by a restore that has not given back its groups.`, {
      remedy:
        'The sweeper gives them back, within minutes; start again then. Which they are is in runs/ID/restore/freeze.json.',
    });
  }
  const status = serving.DBInstanceStatus;
  const remedy = status === 'creating' ? 'Wait until it is available.' : stuckIn(status);
  if (remedy === null) return serving;
  throw new RestoreRefusedError(`${identifier} is ${status}: it could not be renamed, and so not replaced.`, {
    remedy,
  });
}

/** An identifier made of the instance's whole one and a suffix: the functions may change what begins with it, and nothing else. */
function named(identifier: string, suffix: string): string {
  if (identifier.length <= LONGEST_NAME - suffix.length) return `${identifier}${suffix}`;
  throw new RestoreRefusedError(
    `The name ${identifier} leaves no room for ${suffix}: RDS takes ${LONGEST_NAME} characters.`,
    { remedy: `Rename the instance to one of at most ${LONGEST_IDENTIFIER}, and deploy the stack with its new name.` },
  );
}

function checkNames({ instances }: Facts, names: string[]): void {
  const taken = instances.find(({ DBInstanceIdentifier }) => names.includes(DBInstanceIdentifier));
  if (!taken) return;
  const owner = tagOf(taken, RUN_TAG);
  const name = taken.DBInstanceIdentifier;
  throw new RestoreRefusedError(`The name ${name} is taken by an instance of ${owner ?? 'nobody that we know'}.`, {
    remedy: `Look at it: aws rds describe-db-instances --db-instance-identifier ${name}. Then start again: names are made anew for each run.`,
  });
}

/** A restore takes a second instance of the same size for a while. */
function checkQuotas({ quotas }: Facts, { AllocatedStorage = 0 }: CapturedInstance): void {
  for (const [wanted, more] of Object.entries({ DBInstances: 1, AllocatedStorage })) {
    const quota = quotas.find(({ name }) => name === wanted);
    if (quota === undefined || quota.used + more <= quota.max) continue;
    throw new RestoreRefusedError(
      `The account uses ${quota.used} of ${quota.max} ${wanted}; ${more} more would be needed.`,
      {
        remedy:
          'Delete what is not needed any more (kept copies, retired instances), or ask for a higher quota in Service Quotas.',
      },
    );
  }
}

function refuseFollowers(follows: RestorePlan['follows']): void {
  const refused = follows.filter(({ how }) => how === 'refused');
  if (refused.length === 0) return;
  throw new RestoreRefusedError(
    `Not without a person: ${refused.map(({ what, detail }) => `${what}: ${detail}`).join(' ')}`,
    {
      remedy: 'Stop it, or decide yourself: carthub-db restore --plan',
    },
  );
}

function notesOf({ instances, run, resumed, options }: Facts, serving: CapturedInstance): string[] {
  const notes: string[] = [];
  if (serving.DBInstanceStatus !== 'available') notes.push(`The instance is ${serving.DBInstanceStatus} now.`);
  const waiting = Object.entries(serving.PendingModifiedValues ?? {}).filter(([, value]) => !isEmpty(value));
  if (waiting.length > 0) {
    const what = waiting.map(([field]) => field).join(', ');
    notes.push(
      `${what} of the instance waits for its maintenance window: its new name is applied at once, and that with it.`,
    );
  }
  if (!options.hydrate) notes.push('The copy takes over before its storage is loaded, and is slow at first.');
  for (const other of instances) {
    const owner = tagOf(other, RUN_TAG);
    const isCopy = owner !== null && tagOf(other, DATABASE_TAG) === run.database && tagOf(other, EXPIRES_TAG) !== null;
    if (!isCopy || other.DBInstanceIdentifier === resumed?.copy.identifier || other === serving) continue;
    notes.push(
      `${other.DBInstanceIdentifier} of the run ${owner} is kept until ${tagOf(other, EXPIRES_TAG)?.replace(/\.\d+Z$/, 'Z')}.`,
    );
  }
  return notes;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
