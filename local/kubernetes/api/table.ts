import type { KubeObject } from '../objects/metadata.ts';
import type { ResourceName } from '../objects/resources.ts';
import { isA } from '../objects/validate.ts';

type Column = { name: string; type: string; format: string; description: string; priority: number };

const TABLE = 'as=Table';

/** Whether the client would rather have columns to print, which is what `kubectl get` asks for. */
export function wantsTable(accept: string | undefined): boolean {
  const [first = ''] = (accept ?? '').split(',');
  return first.includes(TABLE) && first.includes('g=meta.k8s.io');
}

/** The objects as a Table of meta/v1, with the columns of the real server. */
export function toTable(
  resource: ResourceName,
  objects: KubeObject[],
  options: { now: Date; resourceVersion: string; includeObject: string | null },
): unknown {
  const describe = (name: string): Column => ({
    name,
    type: 'string',
    format: name === 'Name' ? 'name' : '',
    description: '',
    priority: 0,
  });
  const rows = objects.map((object) => ({
    cells: Object.values(cells(resource, object, options.now)),
    object: options.includeObject === 'Object' ? object : partial(object),
  }));
  const columns = COLUMNS[resource] ?? ['Name', 'Age'];
  const metadata = { resourceVersion: options.resourceVersion };
  return { kind: 'Table', apiVersion: 'meta.k8s.io/v1', metadata, columnDefinitions: columns.map(describe), rows };
}

const COLUMNS: Partial<Record<ResourceName, string[]>> = {
  namespaces: ['Name', 'Status', 'Age'],
  jobs: ['Name', 'Status', 'Completions', 'Duration', 'Age'],
  pods: ['Name', 'Ready', 'Status', 'Restarts', 'Age'],
  events: ['Last Seen', 'Type', 'Reason', 'Object', 'Message'],
};

function cells(resource: ResourceName, object: KubeObject, now: Date): (string | number)[] {
  const { name, creationTimestamp, deletionTimestamp } = object.metadata;
  const age = since(creationTimestamp, now);
  if (isA('namespaces', resource, object)) return [name, object.status.phase, age];
  if (isA('jobs', resource, object)) {
    const { conditions = [], startTime, completionTime, succeeded = 0 } = object.status;
    const has = (type: string) => conditions.some((each) => each.type === type && each.status === 'True');
    const status = ['Complete', 'Failed', 'Suspended', 'FailureTarget'].find(has) ?? 'Running';
    const end = completionTime ? new Date(completionTime) : now;
    const shown = deletionTimestamp ? 'Terminating' : status;
    return [name, shown, `${succeeded}/${object.spec.completions}`, startTime ? since(startTime, end) : '', age];
  }
  if (isA('pods', resource, object)) {
    const { containerStatuses = [], phase, reason } = object.status;
    const [first] = containerStatuses;
    const why = first?.state.waiting?.reason ?? first?.state.terminated?.reason;
    const ready = `${containerStatuses.filter((each) => each.ready).length}/${object.spec.containers.length}`;
    return [name, ready, deletionTimestamp ? 'Terminating' : (reason ?? why ?? phase), first?.restartCount ?? 0, age];
  }
  if (isA('events', resource, object)) {
    const { involvedObject, type, reason, message } = object;
    const about = `${involvedObject.kind?.toLowerCase()}/${involvedObject.name}`;
    return [since(object.lastTimestamp, now), type, reason, about, message];
  }
  return [name, age];
}

function partial({ metadata }: KubeObject): unknown {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata };
}

/** How long ago, as kubectl shows it for small spans: seconds, then minutes, then hours, then days. */
function since(from: string, to: Date): string {
  const seconds = Math.max(0, Math.floor((to.getTime() - Date.parse(from)) / 1000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7_200) return `${Math.floor(seconds / 60)}m`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3_600)}h` : `${Math.floor(seconds / 86_400)}d`;
}
