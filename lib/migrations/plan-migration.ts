import { createHash } from 'node:crypto';
import type { ClientBase } from 'pg';
import { type Documents, putDocument, readDocument, readIfReadable } from '../documents/documents.ts';
import { readFence } from '../journal/fence.ts';
import { readOpenSteps } from '../journal/journal.ts';
import { readQuarantine, refuseQuarantined } from '../quarantine/quarantine.ts';
import { readAcceptedSchema } from '../runs/accepted-schema.ts';
import { keys } from '../runs/keys.ts';
import { type Plan, plan } from '../runs/plan.ts';
import { PlanChangedError } from '../runs/plan-changed.ts';
import { InvalidInputError, type Run } from '../runs/run.ts';
import { schemaDigest } from '../schema/digest.ts';
import { readWarnings } from '../schema/warnings/read-warnings.ts';
import { readDrift, refuseDrift } from './drift.ts';
import { planPending, readHistory, versionOf } from './history.ts';
import { type Release, type ReleaseFile, release } from './release.ts';
import { refuseUnfinished } from './resume.ts';
import { refuseUnrunnable } from './unrunnable.ts';

export type Planned = {
  before: number;
  target: number;
  pending: number;
  digest: string;
  /** The token in the database; greater than the lease's own when the database was copied from another stack. */
  fence: number;
};

/**
 * Compares the database with the release, and keeps what it found for whoever has to judge this run later.
 * Changes nothing in the database.
 */
export async function planMigration(options: { client: ClientBase; documents: Documents; run: Run }): Promise<Planned> {
  const { client, documents, run } = options;
  const released = await readRelease(documents, run);
  const [history, open] = [await readHistory(client), await readOpenSteps(client)];
  const quarantine = await readQuarantine(documents, run.database);
  const before = versionOf(history) ?? 0;
  const digest = await schemaDigest(client);
  const found = {
    ...{ format: 1 as const, run: run.id, release: run.release ?? '' },
    ...{ before, target: released.target, digest, history: history.length },
  };
  let pending: ReleaseFile[];
  try {
    pending = planPending(history, released);
    refuseQuarantined(pending, quarantine);
    refuseUnfinished(open, pending);
    refuseUnrunnable(pending);
  } catch (error) {
    // Whoever tells the refusal can tell the version too.
    await putDocument(documents, keys.plan(run.id), { ...found, pending: [] }, null);
    throw error;
  }
  const accepted = await readAcceptedSchema(documents, run.database);
  const drift = await readDrift({ client, documents, run, release: released, accepted, version: before, digest });
  const made: Plan = {
    ...found,
    pending: pending.map(({ version, file }) => ({ version, file })),
    ...{ drift: drift.differences, warnings: await readWarnings(client) },
  };
  const planDigest = sha256(JSON.stringify([before, digest, pending.map((file) => file.sha256)]));
  if (run.planDigest !== null && run.planDigest !== planDigest) {
    throw new PlanChangedError(`The plan is ${planDigest} now; ${run.planDigest} was agreed to.`, {
      remedy: 'Look at the plan again, and agree to it anew.',
    });
  }
  const key = keys.plan(run.id);
  const kept = (await putDocument(documents, key, made, null)) ? null : await readIfReadable(documents, key, plan);
  if (kept?.unreadable) await putDocument(documents, key, made, kept.etag);
  const stored = kept?.value ?? made;
  const isAccepted = accepted?.version === before && accepted.digest === digest;
  if (!isAccepted && run.onDrift === 'refuse') refuseDrift(drift, run.database);
  const fence = (await readFence(client)) ?? 0;
  const counts = { target: released.target, pending: pending.length };
  return { before: stored.before, ...counts, digest: planDigest, fence };
}

/** The release document of the run, which its key names by its content. */
export async function readRelease(documents: Documents, run: Run): Promise<Release> {
  const found = run.release === null ? null : await readDocument(documents, run.release, release);
  if (found === null) {
    throw new InvalidInputError(`There is no release document ${run.release} in the bucket ${documents.bucket}.`, {
      remedy: 'Start the migration with carthub-db migrate, which puts the release there first.',
    });
  }
  if (found.value.target !== run.target) {
    throw new InvalidInputError(
      `The release ends at version ${found.value.target}, the input asks for ${run.target}.`,
      {
        remedy: 'Give the target that the release has.',
      },
    );
  }
  return found.value;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
