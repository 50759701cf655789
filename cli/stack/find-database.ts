import { DescribeStateMachineCommand, ListStateMachinesCommand, type SFNClient } from '@aws-sdk/client-sfn';
import { UnknownDatabaseError } from '../errors.ts';
import type { Stack } from './stack.ts';

/**
 * Makes sure that a stack serves the database, before anything is built for it.
 *
 * @throws UnknownDatabaseError which lists those that there are
 */
export async function findDatabase({ sfn, names }: Stack, machine: string): Promise<void> {
  try {
    await sfn.send(new DescribeStateMachineCommand({ stateMachineArn: names.stateMachine(machine) }));
  } catch (cause) {
    if (!(cause instanceof Error && cause.name === 'StateMachineDoesNotExist')) throw cause;
    const known = await databases(sfn);
    if (known.includes(names.database)) {
      throw new UnknownDatabaseError(
        `The stack of ${names.database} is older than this command: it has no ${machine}.`,
        {
          remedy: `Deploy it anew: npx serverless deploy --stage ${names.database}`,
          cause,
        },
      );
    }
    throw new UnknownDatabaseError(`No stack here serves a database named ${names.database}.`, {
      remedy:
        known.length === 0
          ? `Deploy one: npx serverless deploy --stage ${names.database}; or look at region and account.`
          : `Name one that there is: ${known.join(', ')}.`,
      cause,
    });
  }
}

async function databases(sfn: SFNClient): Promise<string[]> {
  const found: string[] = [];
  for (let nextToken: string | undefined; ; ) {
    const page = await sfn.send(new ListStateMachinesCommand(nextToken === undefined ? {} : { nextToken }));
    for (const { name } of page.stateMachines ?? []) {
      const database = /^carthub-db-(.+)-migrate$/.exec(name ?? '')?.[1];
      if (database !== undefined) found.push(database);
    }
    nextToken = page.nextToken;
    if (nextToken === undefined) return found.sort();
  }
}
