import { CarthubError } from '../../lib/errors.ts';

/** The data folder of the local Kubernetes holds something that this version cannot read. */
export class KubernetesDataError extends CarthubError {
  override readonly name = 'KubernetesDataError';
}
