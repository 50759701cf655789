import { ServiceError } from '../service.ts';
import type { Signature } from './signature.ts';

const TARGETS: Record<string, string> = {
  AWSStepFunctions: 'states',
  secretsmanager: 'secretsmanager',
  AWSEvents: 'events',
};
const VERSIONS: Record<string, string> = { '2014-10-31': 'rds', '2011-06-15': 'sts', '2010-03-31': 'sns' };
const PATHS: [RegExp, string][] = [
  [/^\/clusters(\/|$)/, 'eks'],
  [/^\/2015-03-31\/functions(\/|$)/, 'lambda'],
  [/^\/schedules?(-groups)?(\/|$)/, 'scheduler'],
];

/**
 * The service that a request is for: by the scope of its signature, or, unsigned, by what only one service understands. The
 * first path segment of an unsigned request may as well be a bucket's name, so paths decide last and S3 is never guessed.
 */
export function serviceOf(options: {
  signature: Signature | null;
  headers: Record<string, string>;
  path: string;
  form: URLSearchParams | null;
}): string {
  if (options.signature) return options.signature.service;
  const target = options.headers['x-amz-target']?.split('.')[0]?.replace(/_\d+$/, '');
  const byTarget = target === undefined ? undefined : TARGETS[target];
  const byVersion = VERSIONS[options.form?.get('Version') ?? ''];
  const found = byTarget ?? byVersion ?? PATHS.find(([pattern]) => pattern.test(options.path))?.[1];
  if (found === undefined) {
    throw new ServiceError(
      'MissingAuthenticationToken',
      'The request is not signed, and nothing else in it says which service it is for.',
      403,
    );
  }
  return found;
}
