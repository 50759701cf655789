import { CarthubError } from '../errors.ts';

/** Something that we call did not answer, or said that it cannot now. The same call may go through later. */
export class ServiceUnavailableError extends CarthubError {
  override readonly name = 'ServiceUnavailableError';
}

/** Codes of AWS services that mean "later": throttling and the services' own faults. */
const TRANSIENT_CODES = new Set([
  'InternalError',
  'InternalFailure',
  'InternalServerError',
  'InternalServiceError',
  'PriorRequestNotComplete',
  'RequestLimitExceeded',
  'RequestTimeout',
  'RequestTimeoutException',
  'ServerException',
  'ServiceUnavailable',
  'SlowDown',
  'Throttling',
  'ThrottlingException',
  'ThrottledException',
  'TimeoutError',
  'TooManyRequestsException',
]);

/** Codes of Node's sockets for a peer that is not there, gone, or silent. */
const TRANSIENT_SOCKET_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
]);

/** Whether the failure of a call to AWS or to Kubernetes may go away by itself. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (TRANSIENT_CODES.has(error.name)) return true;
  if ('code' in error && typeof error.code === 'string' && TRANSIENT_SOCKET_CODES.has(error.code)) return true;
  const status = httpStatus(error);
  if (status !== null && (status === 429 || status >= 500)) return true;
  return error.cause !== undefined && isTransient(error.cause);
}

function httpStatus(error: Error): number | null {
  if (!('$metadata' in error) || typeof error.$metadata !== 'object' || error.$metadata === null) return null;
  const { $metadata } = error;
  return 'httpStatusCode' in $metadata && typeof $metadata.httpStatusCode === 'number'
    ? $metadata.httpStatusCode
    : null;
}
