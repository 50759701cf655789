/** A Step Functions in a process of its own, to be killed: starts an execution of each machine, and says so. */
import { createStepFunctions } from '../../local/stepfunctions/step-functions.ts';
import { definitions } from './stepfunctions-definitions.ts';
import { machineArn } from './with-step-functions.ts';

const stepFunctions = await createStepFunctions({
  machines: Object.entries(definitions).map(([name, definition]) => ({
    name,
    arn: machineArn(name),
    roleArn: 'arn:aws:iam::000000000000:role/r',
    definition,
  })),
  functions: [],
  folder: process.argv[2] ?? '',
  region: 'eu-west-1',
  account: '000000000000',
  timeScale: 1,
  now: () => new Date(),
  invoke: () => Promise.reject(new Error('No function here.')),
  publish: (event) => console.log(JSON.stringify(event.detail)),
});
for (const name of ['short', 'parent']) {
  stepFunctions.start({ stateMachineArn: machineArn(name), name: 'one', input: '{"a":1}' });
}
