import type { Readable } from 'node:stream';

/**
 * What a service of the local cloud is to the endpoint that speaks HTTP for it.
 *
 * The endpoint routes by the service name in the request's credential scope, finds the operation (`x-amz-target`, `Action=`,
 * or null for REST services, which route by path), parses the input, asks the faults, calls, and writes the reply or the
 * error in the service's own protocol.
 */
export type Call = {
  /** `CreateDBSnapshot`; for REST services what their `operationOf` says, else null. */
  operation: string | null;
  /** Parsed JSON, or the flattened form of an AWS Query request made into nested objects and arrays. */
  input: Record<string, unknown>;
  method: string;
  /** As sent, still percent-encoded, without the query. */
  path: string;
  query: URLSearchParams;
  headers: Record<string, string>;
  body: Buffer;
  /** The access key of the signature; absent for a call that is not signed. */
  caller?: string;
};

/** `body` is written as JSON, or as XML for Query services: an array becomes a repeated element of its key's name. */
export type Reply = {
  status?: number;
  headers?: Record<string, string>;
  body: Record<string, unknown> | Buffer | string;
};

export type Service = {
  /** As in the credential scope: `rds`, `states`, `secretsmanager`, `eks`, `sts`, `sns`. */
  name: string;
  protocol: 'query' | 'json' | 'rest-json';
  /** The operation's name by method and path, for services where only they tell; the call log and the faults know it by this. */
  operationOf?(method: string, path: string, query: URLSearchParams): string | null;
  call(call: Call): Promise<Reply>;
};

/** A call whose body may be larger than memory: it is read once, as it comes in. */
export type StreamingCall = Omit<Call, 'body'> & { content: Readable };
/** A reply whose body may be larger than memory. */
export type StreamingReply = {
  status?: number;
  headers?: Record<string, string | string[]>;
  body: Readable | Buffer | string;
};

/** A service that reads and writes bodies as streams, and parses its own requests: S3. */
export type StreamingService = {
  name: string;
  protocol: 's3';
  /** Operation and key fields of the input by what stands in the request's head. */
  describe(call: Omit<StreamingCall, 'content' | 'operation' | 'input'>): Pick<Call, 'operation' | 'input'>;
  stream(call: StreamingCall): Promise<StreamingReply>;
};

/** An error as the service itself would answer it. `code` is what the SDK shows as the error's name. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly code: string;
  readonly status: number;
  /** Further fields of the error's body, and headers, where a service has them. */
  readonly fields: Record<string, string>;
  constructor(code: string, message: string, status = 400, fields: Record<string, string> = {}) {
    super(message);
    this.code = code;
    this.status = status;
    this.fields = fields;
  }
}

/** What the real service has and this one has not, refused by name. */
export function notImplemented(service: string, operation: string): ServiceError {
  return new ServiceError('NotImplemented', `The local cloud does not implement ${service}:${operation}.`, 501);
}
