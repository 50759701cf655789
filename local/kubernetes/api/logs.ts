import type { ServerResponse } from 'node:http';
import type { Pod } from '../objects/pod.ts';
import type { Kubelet } from '../pods/kubelet.ts';
import { type Entry, formatEntry, type LogOptions, readLog } from '../pods/log.ts';
import { badRequest } from './status.ts';

/**
 * `GET .../pods/NAME/log`: the log of the pod's one container, with the refusals of the real server and kubelet where there
 * is none. With `follow` the answer ends when the container does.
 */
export function sendLog(options: {
  response: ServerResponse;
  pod: Pod;
  query: URLSearchParams;
  kubelet: Kubelet;
  now: () => Date;
}): void {
  const { response, pod, query, kubelet } = options;
  checkContainer(pod, query.get('container'));
  const wanted = readOptions(query, options.now());
  const follow = query.get('follow') === 'true';
  const text = readLog(kubelet.logFile(pod), wanted);
  const live = follow ? kubelet.liveLog(pod) : null;
  response.writeHead(200, { 'content-type': 'text/plain' });
  response.write(text);
  let left = wanted.limitBytes === null ? Number.POSITIVE_INFINITY : wanted.limitBytes - text.length;
  if (live === null || left <= 0) {
    response.end();
    return;
  }
  response.flushHeaders();
  const tell = (entry: Entry) => {
    const more = formatEntry(entry, wanted.timestamps).subarray(0, left);
    left -= more.length;
    response.write(more);
    if (left <= 0) response.end();
  };
  response.on(
    'close',
    live.follow(tell, () => response.end()),
  );
}

function checkContainer(pod: Pod, asked: string | null): void {
  const { name } = pod.metadata;
  const container = pod.spec.containers[0]?.name ?? '';
  if (asked && asked !== container) throw badRequest(`container ${asked} is not valid for pod ${name}`);
  const state = pod.status.containerStatuses?.[0]?.state;
  if (state?.running || state?.terminated) return;
  // A pod that no node has taken has no container to be waiting.
  if (!pod.spec.nodeName) throw badRequest(`pod ${name} does not have a host assigned`);
  const reason = state?.waiting?.reason ?? 'ContainerCreating';
  const why: Record<string, string> = {
    ErrImagePull: "image can't be pulled",
    ImagePullBackOff: 'trying and failing to pull image',
  };
  throw badRequest(`container "${container}" in pod "${name}" is waiting to start: ${why[reason] ?? reason}`);
}

function readOptions(query: URLSearchParams, now: Date): LogOptions {
  const number = (name: string, least: number) => {
    const text = query.get(name);
    if (text === null) return null;
    if (!/^\d+$/.test(text) || Number(text) < least) {
      throw badRequest(`PodLogOptions "${name}": Invalid value: "${text}": must be greater than or equal to ${least}`);
    }
    return Number(text);
  };
  if (query.get('previous') === 'true') throw badRequest('previous terminated container not found');
  const seconds = number('sinceSeconds', 1);
  const time = query.get('sinceTime');
  const since = seconds === null ? (time === null ? null : new Date(time)) : new Date(now.getTime() - seconds * 1000);
  return {
    tailLines: number('tailLines', 0),
    limitBytes: number('limitBytes', 1),
    since,
    timestamps: query.get('timestamps') === 'true',
  };
}
