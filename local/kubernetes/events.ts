import { type KubeObject, timestamp } from './objects/metadata.ts';
import type { Event } from './objects/plain.ts';
import { newborn } from './store/lifecycle.ts';
import type { Store } from './store/store.ts';

/** Writes down that something happened to `about`. */
export type Recorder = (event: {
  about: KubeObject;
  type: 'Normal' | 'Warning';
  reason: string;
  message: string;
  /** `job-controller`, `kubelet`: who says so. */
  component: string;
  fieldPath?: string;
}) => void;

const HOUR = 3_600_000;

/** As client-go's recorder: the same thing again raises the count of the event that is there. An event lives for an hour. */
export function createRecorder(store: Store, now: () => Date): Recorder {
  return ({ about, type, reason, message, component, fieldPath }) => {
    const at = now();
    for (const old of store.events.list()) {
      if (Date.parse(old.lastTimestamp) < at.getTime() - HOUR) store.events.remove(old);
    }
    const { name, namespace = 'default', uid, resourceVersion } = about.metadata;
    const same = store.events
      .list(namespace)
      .find(
        (event) =>
          event.involvedObject.uid === uid &&
          event.reason === reason &&
          event.message === message &&
          event.source.component === component,
      );
    if (same) {
      store.events.put({ ...same, count: same.count + 1, lastTimestamp: timestamp(at) });
      return;
    }
    const { apiVersion, kind } = about;
    const event: Event = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: '', generateName: `${name}.`, namespace, uid: '', resourceVersion: '', creationTimestamp: '' },
      involvedObject: { apiVersion, kind, name, namespace, uid, resourceVersion, ...(fieldPath ? { fieldPath } : {}) },
      type,
      reason,
      message,
      source: { component },
      count: 1,
      firstTimestamp: timestamp(at),
      lastTimestamp: timestamp(at),
      eventTime: null,
      reportingComponent: component,
      reportingInstance: '',
    };
    store.events.put(newborn(event, { now: at, generation: false }));
  };
}
