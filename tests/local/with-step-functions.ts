import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DescribeExecutionCommand,
  type DescribeExecutionCommandOutput,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import type { CloudEvent } from '../../local/events/event.ts';
import type { Json, JsonObject } from '../../local/stepfunctions/json.ts';
import { createStepFunctions } from '../../local/stepfunctions/step-functions.ts';
import { clientOf, withEndpoint } from './with-endpoint.ts';

export type Handler = (input: Json) => unknown;

export const functionArn = (name: string) => `arn:aws:lambda:eu-west-1:000000000000:function:${name}`;
export const machineArn = (name: string) => `arn:aws:states:eu-west-1:000000000000:stateMachine:${name}`;
export const executionArn = (machine: string, name: string) =>
  `arn:aws:states:eu-west-1:000000000000:execution:${machine}:${name}`;

export type Sfn = {
  client: SFNClient;
  folder: string;
  published: CloudEvent[];
  start(machine: string, input?: Json, name?: string): Promise<string>;
  /** Waits for the event that tells of its end. */
  ended(arn: string): Promise<DescribeExecutionCommandOutput>;
  run(machine: string, input?: Json): Promise<DescribeExecutionCommandOutput & { events: HistoryEvent[] }>;
  history(arn: string): Promise<HistoryEvent[]>;
  /** Until an execution of `machine` ended. */
  endOf(machine: string): Promise<CloudEvent>;
};

/**
 * Lends `use` a real client of a Step Functions of its own, whose functions run right here.
 *
 * @param machines definitions by name
 * @param functions handlers by name; what they throw is reported as Lambda does
 */
export async function withStepFunctions<T>(
  options: {
    machines: Record<string, JsonObject>;
    functions?: Record<string, Handler>;
    timeScale?: number;
    random?: () => number;
    folder?: string;
  },
  use: (sfn: Sfn) => Promise<T>,
): Promise<T> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'carthub-sfn-')));
  const functions = options.functions ?? {};
  const published: CloudEvent[] = [];
  const ends = new EventEmitter();
  ends.setMaxListeners(0);
  const stepFunctions = await createStepFunctions({
    machines: Object.entries(options.machines).map(([name, definition]) => ({
      name,
      arn: machineArn(name),
      roleArn: `arn:aws:iam::000000000000:role/${name}`,
      definition,
    })),
    functions: Object.keys(functions).map(functionArn),
    folder,
    region: 'eu-west-1',
    account: '000000000000',
    timeScale: options.timeScale ?? 0.001,
    now: () => new Date(),
    ...(options.random ? { random: options.random } : {}),
    invoke: (arn, payload) => invokeHere(functions, arn, payload),
    publish(event) {
      published.push(event);
      if (event.detail.status === 'RUNNING') return;
      ends.emit(String(event.detail.executionArn));
      ends.emit(String(event.detail.stateMachineArn), event);
    },
  });
  try {
    stepFunctions.announce();
    return await withEndpoint([stepFunctions.service], async (url) => {
      const client = new SFNClient(clientOf(url));
      const isOver = (arn: string) =>
        published.some(({ detail }) => detail.executionArn === arn && detail.status !== 'RUNNING');
      const sfn: Sfn = {
        client,
        folder,
        published,
        async start(machine, input = {}, name = randomUUID()) {
          const command = new StartExecutionCommand({
            stateMachineArn: machineArn(machine),
            name,
            input: JSON.stringify(input),
          });
          return (await client.send(command)).executionArn ?? '';
        },
        async ended(arn) {
          if (!isOver(arn)) await once(ends, arn);
          return client.send(new DescribeExecutionCommand({ executionArn: arn }));
        },
        async run(machine, input) {
          const arn = await sfn.start(machine, input);
          return { ...(await sfn.ended(arn)), events: await sfn.history(arn) };
        },
        async history(arn) {
          const command = new GetExecutionHistoryCommand({ executionArn: arn, maxResults: 1000 });
          return (await client.send(command)).events ?? [];
        },
        async endOf(machine) {
          const [event] = await once(ends, machineArn(machine));
          return event;
        },
      };
      try {
        return await use(sfn);
      } finally {
        client.destroy();
      }
    });
  } finally {
    await stepFunctions.stop();
    if (!options.folder) await rm(folder, { recursive: true });
  }
}

async function invokeHere(functions: Record<string, Handler>, arn: string, payload: string) {
  const handler = Object.entries(functions).find(([name]) => functionArn(name) === arn)?.[1];
  const requestId = randomUUID();
  try {
    const result = await handler?.(JSON.parse(payload));
    return { requestId, payload: JSON.stringify(result ?? null), error: null };
  } catch (thrown) {
    const cause = thrown instanceof Error ? thrown : new Error(String(thrown));
    const error = { errorType: cause.name, errorMessage: cause.message, trace: [] };
    return { requestId, payload: JSON.stringify(error), error };
  }
}

/** An error as a handler's own class would make it. */
export function named(name: string, message = 'no'): Error {
  return Object.assign(new Error(message), { name });
}

/** A machine of the given states, the first of which starts. */
export function machine(states: Record<string, JsonObject>, more: JsonObject = {}): JsonObject {
  return { StartAt: Object.keys(states)[0] ?? '', ...more, States: states };
}

export const task = (name: string, more: JsonObject = {}): JsonObject => ({
  Type: 'Task',
  Resource: functionArn(name),
  ...(more.Next ? {} : { End: true }),
  ...more,
});

/** Events without what differs from run to run. */
export function bare(events: HistoryEvent[]): Record<string, unknown>[] {
  return events.map(({ timestamp: _, ...event }) => ({ ...event }));
}
