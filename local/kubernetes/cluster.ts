import type { Recorder } from './events.ts';
import type { Store } from './store/store.ts';

/** What every part of the local Kubernetes works with. */
export type Cluster = {
  store: Store;
  record: Recorder;
  now: () => Date;
  /** One line for a person. */
  say: (line: string) => void;
};

/**
 * How long the parts wait before they try again, in milliseconds: by default as long as the real ones do, except that nobody
 * has to wait for a kubelet's next round.
 */
export type Pace = {
  /** Between the steps of a pod's start. */
  step: number;
  /** From ErrImagePull to ImagePullBackOff. */
  backOffNotice: number;
  /** Before an image is looked for again; doubles up to five minutes. */
  imageBackOff: number;
  /** Before a container whose configuration was wrong is tried again. */
  configRetry: number;
  /** Before a failed pod is replaced; doubles up to six minutes. */
  podBackOff: number;
  /** What pods get to end by themselves when the cloud stops, at most. */
  shutdownGrace: number;
};

export const REAL_PACE: Pace = {
  step: 20,
  backOffNotice: 500,
  imageBackOff: 10_000,
  configRetry: 2_000,
  podBackOff: 10_000,
  shutdownGrace: 3_000,
};
