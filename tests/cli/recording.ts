import type { HistoryEvent } from '@aws-sdk/client-sfn';

type Details = Omit<HistoryEvent, 'timestamp' | 'type' | 'id' | 'previousEventId'>;

/** Events of an execution as Step Functions numbers and links them; `at` is in milliseconds after noon. */
export function recording() {
  const events: HistoryEvent[] = [];
  const add = (at: number, type: HistoryEvent['type'], details: Details = {}) => {
    const id = events.length + 1;
    events.push({ id, previousEventId: id === 2 ? 0 : id - 1, timestamp: time(at), type, ...details });
  };
  const entered = (at: number, kind: 'Task' | 'Wait' | 'Choice' | 'Succeed' | 'Fail', name: string) =>
    add(at, `${kind}StateEntered`, { stateEnteredEventDetails: { name } });
  const exited = (at: number, kind: 'Task' | 'Wait' | 'Choice' | 'Succeed', name: string) =>
    add(at, `${kind}StateExited`, { stateExitedEventDetails: { name } });
  add(0, 'ExecutionStarted');
  return {
    events,
    add,
    entered,
    exited,
    /** A Lambda task that fails `failures` times before it is done. */
    task(from: number, to: number, name: string, failures = 0) {
      entered(from, 'Task', name);
      for (let failed = 0; failed < failures; failed += 1) {
        add(from, 'LambdaFunctionScheduled');
        add(from, 'LambdaFunctionFailed', {
          lambdaFunctionFailedEventDetails: { error: 'ServiceUnavailableError', cause: '{"errorMessage":"later"}' },
        });
      }
      add(to, 'LambdaFunctionScheduled');
      add(to, 'LambdaFunctionSucceeded');
      exited(to, 'Task', name);
    },
    wait(from: number, to: number, name: string) {
      entered(from, 'Wait', name);
      exited(to, 'Wait', name);
    },
    choice(at: number, name: string) {
      entered(at, 'Choice', name);
      exited(at, 'Choice', name);
    },
    child(at: number, name: string, execution: string) {
      entered(at, 'Task', name);
      add(at, 'TaskScheduled');
      add(at, 'TaskSubmitted', {
        taskSubmittedEventDetails: {
          resourceType: 'states',
          resource: 'startExecution.sync:2',
          output: JSON.stringify({ ExecutionArn: execution }),
        },
      });
    },
  };
}

export function time(at: number): Date {
  return new Date(Date.UTC(2026, 0, 1, 12) + at);
}
