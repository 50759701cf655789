import type { ServerResponse } from 'node:http';
import type { KubeObject } from '../objects/metadata.ts';
import type { Change, Collection } from '../store/collection.ts';
import { badRequest, StatusError } from './status.ts';

/**
 * Streams the changes of a collection as lines of JSON until the client goes, `timeoutSeconds` pass, or the server stops.
 *
 * Without a resourceVersion, or with 0, it starts with everything that is there, as ADDED. An object that ceases to match the
 * selectors is told as DELETED, one that begins to as ADDED.
 */
export function watch(options: {
  response: ServerResponse;
  collection: Collection<KubeObject>;
  query: URLSearchParams;
  matches: (object: KubeObject) => boolean;
  /** How an object is shown, as itself or as a table. */
  show: (object: KubeObject) => unknown;
}): void {
  const { response, collection, query, matches, show } = options;
  if (query.get('sendInitialEvents') === 'true')
    throw badRequest('sendInitialEvents: the local cloud does not implement it');
  const asked = query.get('resourceVersion') ?? '';
  if (!/^\d*$/.test(asked)) throw badRequest(`invalid resource version "${asked}"`);
  const write = (type: string, object: unknown) => response.write(`${JSON.stringify({ type, object })}\n`);
  const tell = ({ type, object, previous }: Change<KubeObject>) => {
    const was = previous !== undefined && matches(previous);
    const is = type !== 'DELETED' && matches(object);
    if (is) write(was ? 'MODIFIED' : 'ADDED', show(object));
    else if (was) write('DELETED', show(object));
  };

  response.writeHead(200, { 'content-type': 'application/json' });
  response.flushHeaders();
  if (asked === '' || asked === '0') {
    for (const object of collection.list()) if (matches(object)) write('ADDED', show(object));
  } else {
    try {
      for (const change of collection.since(Number(asked))) tell(change);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      write('ERROR', error.status);
      response.end();
      return;
    }
  }
  const stop = collection.onChange(tell);
  // Not the request's 'close': that comes with the end of its body.
  response.on('close', stop);
  const seconds = Number(query.get('timeoutSeconds') ?? '0');
  if (seconds > 0) {
    const timer = setTimeout(() => response.end(), seconds * 1000);
    response.on('close', () => clearTimeout(timer));
  }
}
