import type { Description } from './description.ts';
import type { Json } from './json.ts';
import type { MachineSource } from './machine.ts';

/** What `$$` shows (https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html). */
export type ContextOf = (state: { name: string; enteredTime: string; retryCount: number | null }) => Json;

export function contextOf(description: Description, machine: MachineSource, input: Json): ContextOf {
  return ({ name, enteredTime, retryCount }) => ({
    Execution: {
      Id: description.executionArn,
      Input: input,
      Name: description.name,
      RoleArn: machine.roleArn,
      StartTime: new Date(description.startDate).toISOString(),
      RedriveCount: 0,
    },
    State: { Name: name, EnteredTime: enteredTime, ...(retryCount === null ? {} : { RetryCount: retryCount }) },
    StateMachine: { Id: machine.arn, Name: machine.name },
  });
}
