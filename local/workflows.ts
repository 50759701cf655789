import { join } from 'node:path';
import { ACCOUNT, REGION } from './account.ts';
import { createEvents } from './events/events.ts';
import type { CallLog } from './faults/calls.ts';
import type { Faults } from './faults/faults.ts';
import { disturbed } from './lambda/disturbed.ts';
import { createLambda } from './lambda/lambda.ts';
import type { Service } from './service.ts';
import type { Stack } from './stack/deploy.ts';
import { createStepFunctions } from './stepfunctions/step-functions.ts';

/** What a deployed stack runs: machines, functions, rules, schedules. */
export type Workflows = {
  service: Service;
  /** Lets rules and schedules start executions, and tells of those that a crash cut off. */
  open(): void;
  /** Aborts what runs, and ends every function. */
  stop(): Promise<void>;
};

/**
 * Puts the parts of the stack together. Nothing starts by itself before `open`.
 *
 * @param environment of every function, besides its own
 */
export async function createWorkflows(options: {
  stack: Stack;
  data: string;
  environment: Record<string, string>;
  disturbance: { faults: Faults; calls: CallLog };
  timeScale: number;
  now: () => Date;
  say: (line: string) => void;
}): Promise<Workflows> {
  const { stack, data, environment, disturbance, timeScale, now, say } = options;
  const lambda = createLambda({ functions: stack.functions, environment, logs: join(data, 'logs'), now });
  const stepFunctions = await createStepFunctions({
    machines: stack.machines,
    functions: stack.functions.map(({ arn }) => arn),
    folder: join(data, 'stepfunctions'),
    region: REGION,
    account: ACCOUNT,
    timeScale,
    now,
    invoke: disturbed(lambda, disturbance),
    publish: (event) => events.publish(event),
  });
  const events = createEvents({
    rules: stack.rules,
    schedules: stack.schedules,
    start: stepFunctions.start,
    invoke: lambda.invoke,
    timeScale,
    now,
    say,
  });
  return {
    service: stepFunctions.service,
    open() {
      events.open();
      stepFunctions.announce();
    },
    async stop() {
      events.stop();
      await stepFunctions.stop();
      await lambda.stop();
    },
  };
}
