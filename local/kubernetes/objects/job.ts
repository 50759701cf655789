import * as z from 'zod/mini';
import { labels, metadata, templateMetadata } from './metadata.ts';
import { condition, podSpec } from './pod.ts';

const opaque = z.optional(z.record(z.string(), z.unknown()));
const selector = z.object({
  matchLabels: z.optional(labels),
  matchExpressions: z.optional(z.array(z.record(z.string(), z.unknown()))),
});

const template = z.object({ metadata: z._default(templateMetadata, {}), spec: podSpec });

/** JobSpec of batch/v1 with the defaults of https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/job-v1/ */
export const jobSpec = z.object({
  template,
  parallelism: z._default(z.int32(), 1),
  completions: z._default(z.int32(), 1),
  completionMode: z._default(z.string(), 'NonIndexed'),
  backoffLimit: z._default(z.int32(), 6),
  activeDeadlineSeconds: z.optional(z.int()),
  ttlSecondsAfterFinished: z.optional(z.int32()),
  suspend: z._default(z.boolean(), false),
  selector: z.optional(selector),
  manualSelector: z.optional(z.boolean()),
  podReplacementPolicy: z._default(z.string(), 'TerminatingOrFailed'),
  podFailurePolicy: opaque,
  successPolicy: opaque,
  backoffLimitPerIndex: z.optional(z.int32()),
  maxFailedIndexes: z.optional(z.int32()),
  managedBy: z.optional(z.string()),
});

const count = z.optional(z.int());

const jobStatus = z.object({
  startTime: z.optional(z.string()),
  completionTime: z.optional(z.string()),
  active: count,
  ready: count,
  terminating: count,
  succeeded: count,
  failed: count,
  conditions: z.optional(z.array(condition)),
  uncountedTerminatedPods: z.optional(z.object({})),
});

export const job = z.object({
  apiVersion: z._default(z.literal('batch/v1'), 'batch/v1'),
  kind: z._default(z.literal('Job'), 'Job'),
  metadata,
  spec: jobSpec,
  status: z._default(jobStatus, {}),
});

export type Job = z.infer<typeof job>;
export type JobStatus = z.infer<typeof jobStatus>;
