import type { CallLog } from '../faults/calls.ts';
import { type Faults, suffer } from '../faults/faults.ts';
import { ServiceError } from '../service.ts';
import type { Answer } from './function.ts';
import type { Lambda } from './lambda.ts';

/** Calls of functions as workflows make them, which do not pass the endpoint: they are logged like all others, and suffer the faults of tests. */
export function disturbed(
  lambda: Pick<Lambda, 'invoke'>,
  { faults, calls }: { faults: Faults; calls: CallLog },
): Lambda['invoke'] {
  return async (arn, payload): Promise<Answer> => {
    const call = { service: 'lambda', operation: 'Invoke', input: { FunctionName: arn.split(':').at(-1) } };
    const complete = calls.begin(call);
    try {
      const answer = await suffer(faults.take(call), () => lambda.invoke(arn, payload), new Promise(() => undefined));
      complete(answer.error?.errorType ?? 'OK');
      return answer;
    } catch (error) {
      complete(error instanceof ServiceError ? error.code : 'InternalFailure');
      throw error;
    }
  };
}
