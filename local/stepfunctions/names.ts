import { ServiceError } from '../service.ts';

/** The ARNs of Step Functions in one account and region. */
export function arnsIn(options: { region: string; account: string }) {
  const prefix = `arn:aws:states:${options.region}:${options.account}`;
  return {
    machine: (name: string) => `${prefix}:stateMachine:${name}`,
    execution: (machine: string, name: string) => `${prefix}:execution:${machine}:${name}`,
  };
}

/** @throws {ServiceError} `InvalidArn`, in the words of the service */
export function checkArn(arn: string, kind: 'stateMachine' | 'execution'): void {
  if (!arn.startsWith('arn:')) throw new ServiceError('InvalidArn', `Invalid Arn: 'Invalid ARN prefix: ${arn}'`);
  const [, , service, , , resource, ...rest] = arn.split(':');
  if (service !== 'states' || resource !== kind || rest.length < (kind === 'execution' ? 2 : 1)) {
    throw new ServiceError('InvalidArn', `Invalid Arn: 'Resource type not valid in this context: ${resource}'`);
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what the service forbids
const FORBIDDEN = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\u0000-\u001f\u007f-\u009f\ufffe\uffff\ud800-\udfff]/;

/**
 * The names that StartExecution takes.
 *
 * @throws {ServiceError} as the service
 */
export function checkName(name: string): void {
  if (name.length < 1 || name.length > 80) {
    const bound = name.length < 1 ? 'greater than or equal to 1' : 'less than or equal to 80';
    throw new ServiceError(
      'ValidationException',
      `1 validation error detected: Value '${name}' at 'name' failed to satisfy constraint: Member must have length ${bound}`,
    );
  }
  if (FORBIDDEN.test(name)) throw new ServiceError('InvalidName', `Invalid Name: '${name}'`);
}
