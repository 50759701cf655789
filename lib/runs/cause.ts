import * as z from 'zod/mini';
import { type Fault, fromWireMessage } from '../errors.ts';

/** What a Catch puts into the state: the name, and a text that may hold JSON. */
export const caught = z.object({ Error: z.string(), Cause: z._default(z.string(), '') });
export type Caught = z.infer<typeof caught>;

/** Lambda's account of an error: https://docs.aws.amazon.com/lambda/latest/dg/nodejs-exceptions.html */
const lambdaError = z.object({ errorType: z.optional(z.string()), errorMessage: z.string() });

/** Step Functions' account of a nested execution that did not succeed: DescribeExecution's answer in PascalCase. */
const nestedExecution = z.object({
  ExecutionArn: z.string(),
  Status: z.string(),
  Error: z.optional(z.nullable(z.string())),
  Cause: z.optional(z.nullable(z.string())),
});

/** The first error below however many layers of nested executions, Fail states and Lambdas: its name, message and remedy. */
export function faultOf({ Error: name, Cause: text }: Caught): Fault {
  const json = parse(text);
  const nested = nestedExecution.safeParse(json);
  if (nested.success) {
    const { ExecutionArn, Status, Error: inner, Cause: cause } = nested.data;
    if (inner) return faultOf({ Error: inner, Cause: cause ?? '' });
    const which = ExecutionArn.split(':').slice(-2).join(' ');
    return { name: `Execution${title(Status)}`, message: `${which}: ${Status}`, remedy: null, place: null };
  }
  // What a Fail state says of an error that it met, written out by States.JsonToString.
  const inner = caught.safeParse(json);
  if (inner.success) return faultOf(inner.data);
  const lambda = lambdaError.safeParse(json);
  if (lambda.success) return fromWireMessage(lambda.data.errorType ?? name, lambda.data.errorMessage);
  return fromWireMessage(name, text);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** TIMED_OUT: TimedOut */
function title(status: string): string {
  return status
    .toLowerCase()
    .split('_')
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join('');
}
