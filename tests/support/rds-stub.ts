import { RDSClient, type ServiceInputTypes, type ServiceOutputTypes } from '@aws-sdk/client-rds';

type Answer = Omit<ServiceOutputTypes, '$metadata'>;

/** A client whose calls end before they leave, in what `answers` says for the command; each call is noted in `calls`. */
export function stubRds(answers: Record<string, (input: ServiceInputTypes) => Answer>): {
  rds: RDSClient;
  calls: string[];
} {
  const calls: string[] = [];
  const rds = new RDSClient({ region: 'eu-west-1', credentials: { accessKeyId: 'x', secretAccessKey: 'x' } });
  rds.middlewareStack.add(
    (_next, { commandName = '' }) =>
      async ({ input }) => {
        calls.push(commandName);
        const answer = answers[commandName];
        if (!answer) throw new Error(`${commandName} was not expected`);
        return { output: { $metadata: {}, ...answer(input) }, response: {} };
      },
    { step: 'initialize' },
  );
  return { rds, calls };
}

/** An error as the SDK names it. */
export function rdsError(name: string): Error {
  return Object.assign(new Error(`${name}, says RDS`), { name });
}
