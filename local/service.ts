/**
 * What a service of the local cloud is to the endpoint that speaks HTTP for it.
 *
 * The endpoint routes by the service name in the request's credential scope, finds the operation (`x-amz-target`, `Action=`,
 * or null for REST services, which route by path), parses the input, asks the faults, calls, and writes the reply or the
 * error in the service's own protocol.
 */
export type Call = {
  /** `CreateDBSnapshot`; for REST services the service finds it from method and path. */
  operation: string | null;
  /** Parsed JSON, or the flattened form of an AWS Query request made into nested objects and arrays. */
  input: Record<string, unknown>;
  method: string;
  path: string;
  query: URLSearchParams;
  headers: Record<string, string>;
  /** The body as received; decoded from aws-chunked where the client used that. */
  body: Buffer;
};

/** `body` is written as JSON, or as XML for Query services: an array becomes a repeated element of its key's name. */
export type Reply = { status?: number; headers?: Record<string, string>; body: Record<string, unknown> | Buffer | string };

export type Service = {
  /** As in the credential scope: `rds`, `s3`, `states`, `secretsmanager`, `eks`, `sts`, `sns`. */
  name: string;
  protocol: 'query' | 'json' | 'rest-json' | 's3';
  call(call: Call): Promise<Reply>;
};

/** An error as the service itself would answer it. `code` is what the SDK shows as the error's name. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly code: string;
  readonly status: number;
  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** What the real service has and this one has not, refused by name. */
export function notImplemented(service: string, operation: string): ServiceError {
  return new ServiceError('NotImplemented', `The local cloud does not implement ${service}:${operation}.`, 501);
}
