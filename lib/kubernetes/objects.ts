import * as z from 'zod/mini';

const text = z._default(z.string(), '');
const count = z._default(z.int(), 0);

/** The fields of Kubernetes objects that we read (API v1.36); everything else is let through unread. */
const metadata = z.object({
  name: z.string(),
  uid: text,
  annotations: z._default(z.record(z.string(), z.string()), {}),
  creationTimestamp: z._default(z.nullable(z.string()), null),
  deletionTimestamp: z._default(z.nullable(z.string()), null),
});

const time = z._default(z.nullable(z.string()), null);

const condition = z.object({
  type: z.string(),
  status: z.string(),
  reason: text,
  message: text,
  lastTransitionTime: time,
});

export const job = z.object({
  metadata,
  spec: z._default(z.object({ activeDeadlineSeconds: z._default(z.nullable(z.int()), null) }), {
    activeDeadlineSeconds: null,
  }),
  status: z._default(
    z.object({
      conditions: z._default(z.array(condition), []),
      startTime: z._default(z.nullable(z.string()), null),
      active: count,
      failed: count,
      succeeded: count,
    }),
    { conditions: [], startTime: null, active: 0, failed: 0, succeeded: 0 },
  ),
});

const containerState = z.object({
  waiting: z.optional(z.nullable(z.object({ reason: text, message: text }))),
  running: z.optional(z.nullable(z.object({ startedAt: text }))),
  terminated: z.optional(
    z.nullable(z.object({ exitCode: z.int(), reason: text, message: text, signal: z.optional(z.int()) })),
  ),
});

const containerStatus = z.object({ name: z.string(), state: z._default(containerState, {}) });

export const pod = z.object({
  metadata,
  status: z._default(
    z.object({
      phase: text,
      reason: text,
      message: text,
      conditions: z._default(z.array(condition), []),
      containerStatuses: z._default(z.array(containerStatus), []),
      initContainerStatuses: z._default(z.array(containerStatus), []),
    }),
    { phase: '', reason: '', message: '', conditions: [], containerStatuses: [], initContainerStatuses: [] },
  ),
});

export const event = z.object({ reason: text, message: text, type: text, firstTimestamp: time, eventTime: time });

export const podList = z.object({ items: z.array(pod) });
export const eventList = z.object({ items: z.array(event) });

export type Job = z.infer<typeof job>;
export type Pod = z.infer<typeof pod>;
export type Event = z.infer<typeof event>;
