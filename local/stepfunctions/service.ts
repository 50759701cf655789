import { notImplemented, type Reply, type Service, ServiceError } from '../service.ts';
import type { Description } from './description.ts';
import type { Executions } from './executions.ts';
import type { HistoryEvent } from './history.ts';
import type { Machine } from './machine.ts';
import { checkArn } from './names.ts';
import { pageOf } from './pages.ts';
import { readRequest, requests } from './requests.ts';

/** The API of Step Functions (https://docs.aws.amazon.com/step-functions/latest/apireference/). */
export function stepFunctionsService(options: {
  machines: Machine[];
  executions: Executions;
  createdAt: Date;
}): Service {
  const { machines, executions } = options;
  const operations: Record<string, (input: Record<string, unknown>) => Promise<Reply['body']>> = {
    async StartExecution(input) {
      const { stateMachineArn, name = null, input: text } = readRequest(requests.StartExecution, input);
      const { description } = executions.start({ stateMachineArn, name, input: text });
      return { executionArn: description.executionArn, startDate: description.startDate / 1000 };
    },
    async DescribeExecution(input) {
      const { executionArn } = readRequest(requests.DescribeExecution, input);
      return described(executions.describe(executionArn));
    },
    async GetExecutionHistory(input) {
      const request = readRequest(requests.GetExecutionHistory, input);
      const events = await executions.history(request.executionArn);
      const { items, nextToken } = pageOf(request.reverseOrder ? events.toReversed() : events, {
        of: `${request.executionArn} ${request.reverseOrder}`,
        maxResults: request.maxResults,
        token: request.nextToken,
      });
      const shown = request.includeExecutionData ? items : items.map(withoutData);
      return { events: shown, ...(nextToken === null ? {} : { nextToken }) };
    },
    async StopExecution(input) {
      const { executionArn, error = null, cause = null } = readRequest(requests.StopExecution, input);
      const { stopDate } = await executions.stop(executionArn, error, cause);
      return { stopDate: (stopDate ?? 0) / 1000 };
    },
    async ListExecutions(input) {
      const request = readRequest(requests.ListExecutions, input);
      const all = executions.list(request.stateMachineArn);
      const wanted = request.statusFilter ? all.filter(({ status }) => status === request.statusFilter) : all;
      const { items, nextToken } = pageOf(wanted, {
        of: `${request.stateMachineArn} ${request.statusFilter}`,
        maxResults: request.maxResults,
        token: request.nextToken,
      });
      return { executions: items.map(listed), ...(nextToken === null ? {} : { nextToken }) };
    },
    async ListStateMachines(input) {
      const request = readRequest(requests.ListStateMachines, input);
      const sorted = machines.toSorted((a, b) => (a.name < b.name ? -1 : 1));
      const { items, nextToken } = pageOf(sorted, {
        of: 'machines',
        maxResults: request.maxResults,
        token: request.nextToken,
      });
      return {
        stateMachines: items.map(({ arn, name }) => ({
          stateMachineArn: arn,
          name,
          type: 'STANDARD',
          creationDate: options.createdAt.getTime() / 1000,
        })),
        ...(nextToken === null ? {} : { nextToken }),
      };
    },
    async DescribeStateMachine(input) {
      const { stateMachineArn } = readRequest(requests.DescribeStateMachine, input);
      checkArn(stateMachineArn, 'stateMachine');
      const machine = machines.find(({ arn }) => arn === stateMachineArn);
      if (!machine) {
        throw new ServiceError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${stateMachineArn}'`);
      }
      const creationDate = options.createdAt.getTime() / 1000;
      return { ...describedMachine(machine), status: 'ACTIVE', type: 'STANDARD', creationDate };
    },
    async DescribeStateMachineForExecution(input) {
      const { executionArn } = readRequest(requests.DescribeStateMachineForExecution, input);
      const { stateMachineArn } = executions.describe(executionArn);
      const machine = machines.find(({ arn }) => arn === stateMachineArn);
      const updateDate = options.createdAt.getTime() / 1000;
      return machine ? { ...describedMachine(machine), updateDate } : {};
    },
  };
  return {
    name: 'states',
    protocol: 'json',
    async call({ operation, input }) {
      const run = operations[operation ?? ''];
      if (!run) throw notImplemented('states', operation ?? '');
      return { body: await run(input) };
    },
  };
}

function describedMachine(machine: Machine): Record<string, unknown> {
  return {
    stateMachineArn: machine.arn,
    name: machine.name,
    definition: JSON.stringify(machine.definition),
    roleArn: machine.roleArn,
    loggingConfiguration: { level: 'OFF', includeExecutionData: false },
    tracingConfiguration: { enabled: false },
  };
}

/** Keys that are not there rather than null, as the service answers. */
function described(one: Description): Record<string, unknown> {
  return {
    ...listed(one),
    input: one.input,
    inputDetails: { included: true },
    ...(one.output === null ? {} : { output: one.output, outputDetails: { included: true } }),
    ...(one.error === null ? {} : { error: one.error }),
    ...(one.cause === null ? {} : { cause: one.cause }),
    ...redrive(one),
  };
}

function listed(one: Description): Record<string, unknown> {
  return {
    executionArn: one.executionArn,
    stateMachineArn: one.stateMachineArn,
    name: one.name,
    status: one.status,
    startDate: one.startDate / 1000,
    ...(one.stopDate === null ? {} : { stopDate: one.stopDate / 1000 }),
    redriveCount: 0,
  };
}

/** What the service says of redriving an execution; the local cloud does not implement RedriveExecution itself. */
export function redrive({ status }: Description): { redriveStatus: string; redriveStatusReason?: string } {
  if (status !== 'RUNNING' && status !== 'SUCCEEDED') return { redriveStatus: 'REDRIVABLE' };
  return {
    redriveStatus: 'NOT_REDRIVABLE',
    redriveStatusReason: `Execution is ${status} and cannot be redriven`,
  };
}

/** `includeExecutionData: false`: an event without what the machine's data is. */
function withoutData(event: HistoryEvent): HistoryEvent {
  const details = Object.entries(event).filter(([name]) => name.endsWith('EventDetails'));
  const bare = details.map(([name, value]) => [
    name,
    Object.fromEntries(Object.entries(value ?? {}).filter(([key]) => !/^(in|out)put|^parameters$/.test(key))),
  ]);
  return { ...event, ...Object.fromEntries(bare) };
}
