import { machine, machineArn } from './with-step-functions.ts';

/** One that ends, one that waits for ever, and one that waits for that one. */
export const definitions = {
  short: machine({ Make: { Type: 'Pass', End: true } }),
  long: machine({ Rest: { Type: 'Wait', Seconds: 99_999, End: true } }),
  parent: machine({
    Run: {
      Type: 'Task',
      Resource: 'arn:aws:states:::states:startExecution.sync:2',
      Parameters: { StateMachineArn: machineArn('long'), Name: 'child', 'Input.$': '$' },
      End: true,
    },
  }),
};
