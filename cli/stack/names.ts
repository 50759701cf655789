import { UsageError } from '../errors.ts';

/** The names of what serves a database, all of which follow from where it is. */
export type StackNames = {
  database: string;
  bucket: string;
  secret: string;
  /** The RDS instance, unless the stack was deployed for another one. */
  instance: string;
  stateMachine(machine: string): string;
  /** The root execution of a run. */
  execution(machine: string, run: string): string;
  /** The short name of the machine that an execution is of: `run-job`. */
  machineOf(execution: string): string;
};

export function stackNames(at: { database: string; account: string; region: string; partition: string }): StackNames {
  const { database, account, region, partition } = at;
  const prefix = `carthub-db-${database}-`;
  return {
    database,
    bucket: `${prefix}${account}-${region}`,
    secret: `${database}-db/master`,
    instance: `${database}-db`,
    stateMachine: (machine) => `arn:${partition}:states:${region}:${account}:stateMachine:${prefix}${machine}`,
    execution: (machine, run) => `arn:${partition}:states:${region}:${account}:execution:${prefix}${machine}:${run}`,
    machineOf(execution) {
      const name = execution.split(':')[6] ?? execution;
      return name.startsWith(prefix) ? name.slice(prefix.length) : name;
    },
  };
}

/** A database's name is part of the names of a bucket, of an execution and of functions. */
export function databaseName(given: string): string {
  if (/^[a-z][a-z0-9-]{0,29}$/.test(given)) return given;
  throw new UsageError(`"${given}" is no name of a database.`, {
    remedy: 'It starts with a small letter and has small letters, digits and - only, 30 at most, as in: carthub',
  });
}
