import { createHash } from 'node:crypto';
import { readCatalogue } from '../backups/catalogue.ts';
import { drillRecord, drillsKey } from '../backups/drill-record.ts';
import { type Documents, readIfReadable } from '../documents/documents.ts';
import { readImage } from '../runs/image.ts';
import { parseInput } from '../runs/run.ts';
import { chooseDrill } from './choose.ts';
import { DrillRefusedError } from './errors.ts';
import { type DrillPlan, type DrillRun, drillInput } from './order.ts';

/**
 * Reads the input of a drill and says what is restored into which instance, if it is due at all. The lease is not asked for: a drill
 * touches S3 and an instance of its own.
 *
 * @throws InvalidInputError, DrillRefusedError
 */
export async function planDrill(options: {
  documents: Documents;
  /** The stack's. */
  database: string;
  instance: string;
  execution: { name: string; arn: string; startedAt: string };
  input: unknown;
  now: Date;
}): Promise<{ run: DrillRun; drill: DrillPlan }> {
  const { documents, database, instance, execution, now } = options;
  const input = parseInput(drillInput, options.input, 'drill');
  if (input.database !== database) {
    throw new DrillRefusedError(`This stack serves ${database}, and not ${input.database}.`, {
      remedy: `Start the drill in the stack of ${input.database}.`,
    });
  }
  if (input.into !== null) checkName(input.into, instance);
  const [{ backups }, record] = await Promise.all([
    readCatalogue(documents),
    readIfReadable(documents, drillsKey(database), drillRecord),
  ]);
  const chosen = chooseDrill({ backups, record: record.value, input, now });
  const image = input.image ?? (await readImage(documents, database));
  if (image === null && chosen.due) {
    throw new DrillRefusedError(`Nobody has said with which image ${database} is restored.`, {
      remedy: 'Give it once: carthub-db drill --image REF; or make a backup, whose image is remembered.',
    });
  }
  const { name: id, arn, startedAt } = execution;
  return {
    run: { id, execution: arn, database, startedAt, requestedBy: input.requestedBy },
    drill: {
      ...{ ...chosen, image: image ?? '', keep: input.into !== null },
      instance: input.into ?? `${instance}-drill-${digestOf(arn)}`,
    },
  };
}

/** Our rights reach no further than names that begin with the database's instance, and what is kept by a restore has names of its own. */
function checkName(name: string, instance: string): void {
  if (name.startsWith(`${instance}-`) && !/^-(restored|retired|drill)-/.test(name.slice(instance.length))) return;
  throw new DrillRefusedError(`${name} cannot be the name of the instance.`, {
    remedy: `Begin it with ${instance}-, as in: ${instance}-audit`,
  });
}

/** Small letters and digits, as names of instances have. */
function digestOf(execution: string): string {
  return createHash('sha256').update(execution).digest('hex').slice(0, 12);
}
