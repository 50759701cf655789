import { randomUUID } from 'node:crypto';
import { ServiceError } from '../service.ts';
import type { Child } from './child-task.ts';
import type { Description } from './description.ts';
import { type Execution, startExecution } from './execution.ts';
import type { HistoryEvent } from './history.ts';
import { isTooLarge } from './json.ts';
import type { Machine } from './machine.ts';
import { arnsIn, checkArn, checkName } from './names.ts';
import { recover } from './recover.ts';
import type { Store } from './store.ts';
import type { World } from './visit.ts';

export type StartRequest = { stateMachineArn: string; name: string | null; input: string };

/** Every execution there is: those that run, and those that are over and lie in the store. */
export type Executions = {
  /** @throws {ServiceError} as StartExecution */
  start(request: StartRequest): Child;
  /** @throws {ServiceError} ExecutionDoesNotExist */
  describe(arn: string): Description;
  history(arn: string): Promise<HistoryEvent[]>;
  /** Resolves when it is over. */
  stop(arn: string, error: string | null, cause: string | null): Promise<Description>;
  /** Newest first. */
  list(machineArn: string): Description[];
  stopAll(cause: string): Promise<void>;
  /** What a crash cut off and is ABORTED since now, told to nobody yet. */
  aborted: Description[];
};

/** Closed executions kept of each machine: a schedule that runs every second must not fill the disk. */
const KEPT = 500;

type Record = { machine: Machine; description: Description; running: Execution | null };

/**
 * Reads what the store has. An execution that still RUNS there was cut off by a crash: it becomes ABORTED, with its event.
 */
export async function openExecutions(options: {
  machines: Machine[];
  store: Store;
  world: Omit<World, 'startChild'>;
  account: string;
  onStatus: (description: Description) => void;
}): Promise<Executions> {
  const { store, onStatus } = options;
  const arns = arnsIn({ region: options.world.region, account: options.account });
  const machines = new Map(options.machines.map((machine) => [machine.arn, machine]));
  const all = new Map<string, Record>();
  const aborted: Description[] = [];
  const world: World = { ...options.world, startChild: (request) => start(request) };

  for (const machine of options.machines) {
    for (const found of await store.descriptions(machine.name)) {
      const cutOff = found.status === 'RUNNING';
      const description = cutOff ? await recover({ store, machine: machine.name, found, now: world.now() }) : found;
      all.set(description.executionArn, { machine, description, running: null });
      if (cutOff) aborted.push(description);
    }
  }

  function start(request: StartRequest): Child {
    const machine = machineAt(request.stateMachineArn);
    const name = request.name ?? randomUUID();
    checkName(name);
    checkInput(request.input);
    const arn = arns.execution(machine.name, name);
    const there = all.get(arn);
    if (there?.running && there.description.input === request.input) return asChild(there.running);
    if (there) throw new ServiceError('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`);
    const execution = startExecution({
      machine,
      name,
      arn,
      input: request.input,
      keeper: store.keep(machine.name, name),
      world,
      onStatus,
    });
    const record: Record = { machine, description: execution.description, running: execution };
    all.set(arn, record);
    void execution.done.then((description) => {
      record.description = description;
      record.running = null;
      prune(machine);
    });
    return asChild(execution);
  }

  function asChild(execution: Execution): Child {
    return {
      description: execution.description,
      done: execution.done,
      stop: () => execution.stop(null, 'The parent execution ended.'),
    };
  }

  function prune(machine: Machine): void {
    const closed = [...all.values()].filter((one) => one.machine === machine && one.running === null);
    for (const { description } of closed.slice(0, Math.max(0, closed.length - KEPT))) {
      all.delete(description.executionArn);
      void store.remove(machine.name, description.name);
    }
  }

  function machineAt(arn: string): Machine {
    checkArn(arn, 'stateMachine');
    const machine = machines.get(arn);
    if (!machine) throw new ServiceError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
    return machine;
  }

  function recordAt(arn: string): Record {
    checkArn(arn, 'execution');
    const found = all.get(arn);
    if (!found) throw new ServiceError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
    return found;
  }

  return {
    start,
    aborted,
    describe(arn) {
      const { running, description } = recordAt(arn);
      return running?.description ?? description;
    },
    async history(arn) {
      const { machine, running, description } = recordAt(arn);
      return running ? running.events : store.history(machine.name, description.name);
    },
    async stop(arn, error, cause) {
      const record = recordAt(arn);
      record.running?.stop(error, cause);
      return record.running ? record.running.done : record.description;
    },
    list(machineArn) {
      const machine = machineAt(machineArn);
      return [...all.values()]
        .filter((one) => one.machine === machine)
        .map(({ running, description }) => running?.description ?? description)
        .reverse();
    },
    async stopAll(cause) {
      const running = [...all.values()].flatMap((one) => (one.running ? [one.running] : []));
      for (const execution of running) execution.stop(null, cause);
      await Promise.all(running.map(({ done }) => done));
    },
  };
}

function checkInput(input: string): void {
  if (isTooLarge(input)) {
    throw new ServiceError(
      'ValidationException',
      `1 validation error detected: Value at 'input' failed to satisfy constraint: Member must have length less than or equal to 262144`,
    );
  }
  try {
    JSON.parse(input);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ServiceError('InvalidExecutionInput', `Invalid State Machine Execution Input: '${why}'`);
  }
}
