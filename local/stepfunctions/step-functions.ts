import type { CloudEvent } from '../events/event.ts';
import type { Service } from '../service.ts';
import type { Description } from './description.ts';
import { openExecutions, type StartRequest } from './executions.ts';
import type { Invoke } from './function-task.ts';
import { compileMachine, type MachineSource } from './machine.ts';
import { stepFunctionsService } from './service.ts';
import { statusEvent } from './status-event.ts';
import { openStore } from './store.ts';

export type StepFunctions = {
  service: Service;
  /** As StartExecution, for targets of rules and schedules. @throws {ServiceError} */
  start(request: StartRequest): void;
  /** Tells EventBridge of the executions that a crash cut off. To be called once, when its rules listen. */
  announce(): void;
  /** Aborts what runs. */
  stop(): Promise<void>;
};

/**
 * Step Functions with its machines deployed. Runs the JSONPath part of the language that the machines use, in an
 * interpreter of its own: `docs/architecture.md` says why.
 *
 * @param functions the ARNs of the functions that are deployed
 * @param folder    where executions are kept
 * @param timeScale by which the seconds of Wait states and the intervals of Retry are multiplied; time-outs are real
 * @param random    from 0 to 1, for the jitter of retries
 * @throws {DefinitionError} for a machine that AWS would refuse, or that this cannot run
 */
export async function createStepFunctions(options: {
  machines: MachineSource[];
  functions: string[];
  folder: string;
  region: string;
  account: string;
  timeScale: number;
  now: () => Date;
  random?: () => number;
  invoke: Invoke;
  publish: (event: CloudEvent) => void;
}): Promise<StepFunctions> {
  const { region, account, now } = options;
  const known = {
    functions: new Set(options.functions),
    machines: new Set(options.machines.map(({ arn }) => arn)),
  };
  const machines = options.machines.map((source) => compileMachine(source, known));
  const onStatus = (one: Description) => options.publish(statusEvent(one, { region, account, now: now() }));
  const executions = await openExecutions({
    machines,
    store: openStore(options.folder),
    world: {
      region,
      invoke: options.invoke,
      now,
      random: options.random ?? Math.random,
      timeScale: options.timeScale,
    },
    account,
    onStatus,
  });
  return {
    service: stepFunctionsService({ machines, executions, createdAt: now() }),
    start: (request) => void executions.start(request),
    announce() {
      for (const one of executions.aborted.splice(0)) onStatus(one);
    },
    stop: () => executions.stopAll('The local cloud was stopped.'),
  };
}
