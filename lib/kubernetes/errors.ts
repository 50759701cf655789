import { CarthubError } from '../errors.ts';

/** The API server does not know us. */
export class KubernetesUnauthorizedError extends CarthubError {
  override readonly name = 'KubernetesUnauthorizedError';
}

/** It knows us, and we may not. */
export class KubernetesForbiddenError extends CarthubError {
  override readonly name = 'KubernetesForbiddenError';
}

/** It refused the request itself; asking again changes nothing. */
export class KubernetesRequestError extends CarthubError {
  override readonly name = 'KubernetesRequestError';
}

/** The cluster is not one that a Job could run on now. */
export class ClusterNotReadyError extends CarthubError {
  override readonly name = 'ClusterNotReadyError';
}

/** The Job has a ServiceAccount to run as, and it is not there. */
export class ServiceAccountMissingError extends CarthubError {
  override readonly name = 'ServiceAccountMissingError';
}

/** A Job of this name is there and was not made by this run. */
export class JobNameTakenError extends CarthubError {
  override readonly name = 'JobNameTakenError';
}

/** The Job's pod will not start: a bad image, a missing account, quota, admission. */
export class JobNeverStartedError extends CarthubError {
  override readonly name = 'JobNeverStartedError';
}

/** The Job ended, and not well. */
export class JobFailedError extends CarthubError {
  override readonly name = 'JobFailedError';
}

/** The Job is not there any more, and nobody said how it ended. */
export class JobVanishedError extends CarthubError {
  override readonly name = 'JobVanishedError';
}

/** The Job is past its deadline and does not end. */
export class JobOverdueError extends CarthubError {
  override readonly name = 'JobOverdueError';
}
