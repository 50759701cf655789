import { notImplemented, ServiceError } from '../service.ts';
import { conditionalConflict, noSuchKey, preconditionFailed } from './errors.ts';
import type { ObjectVersion, Version } from './model.ts';

type Headers = Record<string, string>;

/**
 * What a conditional write asks (https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html). `begin` is
 * asked when the request comes in, `commit` when its body is complete: a condition that held at first and does not any more
 * lost to another request in between, which S3 answers with 409, not 412.
 */
export type WriteCondition = { begin(versions: Version[]): void; commit(versions: Version[]): void };

export function writeCondition(headers: Headers, key: string): WriteCondition {
  const ifNoneMatch = headers['if-none-match'];
  const ifMatch = headers['if-match'];
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*')
    throw notImplemented('s3', `a write with If-None-Match: ${ifNoneMatch}`);
  if (ifNoneMatch !== undefined && ifMatch !== undefined)
    throw notImplemented('s3', 'a write with If-Match and If-None-Match');

  const failure = (versions: Version[]): ServiceError | null => {
    const current = currentObject(versions);
    if (ifNoneMatch !== undefined && current) return preconditionFailed('If-None-Match');
    if (ifMatch === undefined) return null;
    if (!current) return noSuchKey(key);
    return ifMatch === '*' || sameTag(ifMatch, current) ? null : preconditionFailed('If-Match');
  };
  return {
    begin(versions) {
      const error = failure(versions);
      if (error) throw error;
    },
    commit(versions) {
      if (failure(versions)) throw conditionalConflict(ifMatch === undefined ? 'If-None-Match' : 'If-Match');
    },
  };
}

/**
 * Throws 412, or 304 where RFC 9110 section 13.2.2 wants it.
 *
 * @param prefix `x-amz-copy-source-` for the source of a copy, for which 304 is 412
 */
export function checkReadConditions(headers: Headers, object: ObjectVersion, prefix = ''): void {
  const condition = (name: string) => headers[`${prefix}${name}`];
  const modified = Math.floor(Date.parse(object.modified) / 1000) * 1000;
  const ifMatch = condition('if-match');
  const ifNoneMatch = condition('if-none-match');
  const since = condition('if-modified-since');
  const until = condition('if-unmodified-since');
  if (ifMatch !== undefined) {
    if (!anyTag(ifMatch, object)) throw preconditionFailed('If-Match');
  } else if (until !== undefined && modified > Date.parse(until)) throw preconditionFailed('If-Unmodified-Since');

  const unchanged = () =>
    prefix === '' ? new ServiceError('NotModified', 'Not Modified', 304) : preconditionFailed('If-None-Match');
  if (ifNoneMatch !== undefined) {
    if (anyTag(ifNoneMatch, object)) throw unchanged();
  } else if (since !== undefined && modified <= Date.parse(since)) throw unchanged();
}

/** The object that a GET without a version id sees, or null. */
export function currentObject(versions: Version[]): ObjectVersion | null {
  const [newest] = versions;
  return newest?.kind === 'object' ? newest : null;
}

function anyTag(list: string, object: ObjectVersion): boolean {
  return list.split(',').some((tag) => tag.trim() === '*' || sameTag(tag, object));
}

function sameTag(given: string, object: ObjectVersion): boolean {
  return given.trim().replace(/^"(.*)"$/, '$1') === object.etag;
}
