/** A deployed function: its bundle and what CloudFormation would set. */
export type LambdaFunction = {
  name: string;
  arn: string;
  /** The bundled CommonJS file. */
  bundle: string;
  /** Its export that is the handler. */
  handler: string;
  environment: Record<string, string>;
  timeoutSeconds: number;
  memoryMiB: number;
};

/** How the Node runtime reports an error (`errorType` is the error's `name`, which Step Functions matches). */
export type FunctionError = { errorType: string; errorMessage: string; trace?: string[] };

/** What an invocation gave. `payload` is JSON: the handler's result, or the error again. */
export type Answer = { requestId: string; payload: string; error: FunctionError | null };
