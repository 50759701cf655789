import { qualified, qualifiedKind, RESOURCES, type ResourceName } from '../objects/resources.ts';

export type Cause = { reason: string; message: string; field: string };

type Details = {
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  causes?: Cause[];
  retryAfterSeconds?: number;
};

export type Status = {
  kind: 'Status';
  apiVersion: 'v1';
  metadata: Record<string, never>;
  status: 'Success' | 'Failure';
  message?: string;
  reason?: string;
  details?: Details;
  code: number;
};

/**
 * An answer that is an error, with the Status object that Kubernetes puts in its body. Reasons and messages are those of
 * apimachinery's `api/errors`, where the real server has the error at all.
 */
export class StatusError extends Error {
  override readonly name = 'StatusError';
  readonly status: Status;
  constructor(code: number, reason: string, message: string, details?: Details) {
    super(message);
    const more = details === undefined ? {} : { details };
    this.status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, ...more, code };
  }
}

const of = (resource: ResourceName, name: string): Details => {
  const { group } = RESOURCES[resource];
  return { name, ...(group === '' ? {} : { group }), kind: resource };
};

export function unauthorized(): StatusError {
  return new StatusError(401, 'Unauthorized', 'Unauthorized');
}

export function badRequest(message: string): StatusError {
  return new StatusError(400, 'BadRequest', message);
}

export function notFound(resource: ResourceName, name: string): StatusError {
  return new StatusError(404, 'NotFound', `${qualified(resource)} "${name}" not found`, of(resource, name));
}

export function alreadyExists(resource: ResourceName, name: string): StatusError {
  return new StatusError(409, 'AlreadyExists', `${qualified(resource)} "${name}" already exists`, of(resource, name));
}

export function conflict(resource: ResourceName, name: string, why: string): StatusError {
  const message = `Operation cannot be fulfilled on ${qualified(resource)} "${name}": ${why}`;
  return new StatusError(409, 'Conflict', message, of(resource, name));
}

export function forbidden(resource: ResourceName, name: string, why: string): StatusError {
  return new StatusError(403, 'Forbidden', `${qualified(resource)} "${name}" is forbidden: ${why}`, of(resource, name));
}

/** Several causes stand in brackets, as field.ErrorList writes them. */
export function invalid(resource: ResourceName, name: string, causes: Cause[]): StatusError {
  const said = causes.map(({ field, message }) => `${field}: ${message}`);
  const list = said.length === 1 ? said[0] : `[${said.join(', ')}]`;
  const { group, kind } = RESOURCES[resource];
  const details = { name, ...(group === '' ? {} : { group }), kind, causes };
  return new StatusError(422, 'Invalid', `${qualifiedKind(resource)} "${name}" is invalid: ${list}`, details);
}

/** The real server knows no such resource here; this one has perhaps only not been taught it, and so says which. */
export function unknownResource(what: string): StatusError {
  return new StatusError(
    404,
    'NotFound',
    `the server could not find the requested resource (the local cloud has no ${what})`,
    {},
  );
}

export function methodNotAllowed(what: string): StatusError {
  return new StatusError(
    405,
    'MethodNotAllowed',
    `the server does not allow this method on the requested resource (the local cloud does not implement ${what})`,
    {},
  );
}

/** A thing that Kubernetes does and the local cloud does not: refused by name, before anything is stored. */
export function notImplemented(what: string): StatusError {
  return new StatusError(501, 'NotImplemented', `The local cloud does not implement ${what}.`);
}

export function expired(asked: number, oldest: number): StatusError {
  return new StatusError(410, 'Expired', `too old resource version: ${asked} (${oldest})`);
}

/** What a delete answers when the object is gone at once. */
export function deleted(resource: ResourceName, object: { metadata: { name: string; uid: string } }): Status {
  const { name, uid } = object.metadata;
  const details = { ...of(resource, name), uid };
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details, code: 200 };
}
