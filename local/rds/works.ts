import { oneAtATime } from '../one-at-a-time.ts';

/** What goes on after a call was answered: the works of one instance one after the other, those of several side by side. */
export type Works = {
  /** `work` ends early, by throwing, when the signal is aborted; it must leave what the next start can go on with. */
  begin(instance: string, work: (signal: AbortSignal) => Promise<void>): void;
  /** Resolves when nothing of this instance goes on any more. */
  idle(instance: string): Promise<void>;
  /** Interrupts everything and waits for it. */
  stop(): Promise<void>;
};

/** @param failed hears of a work that threw by itself */
export function createWorks(failed: (instance: string, error: unknown) => void): Works {
  const inTurn = oneAtATime();
  const stopping = new AbortController();
  const going = new Map<Promise<void>, string>();
  const of = (instance: string) => [...going].filter(([, whose]) => whose === instance).map(([work]) => work);
  return {
    begin(instance, work) {
      const mine = inTurn(instance, async () => {
        if (stopping.signal.aborted) return;
        try {
          await work(stopping.signal);
        } catch (error) {
          if (!stopping.signal.aborted) failed(instance, error);
        }
      }).finally(() => going.delete(mine));
      going.set(mine, instance);
    },
    async idle(instance) {
      // What ends may have begun more.
      while (of(instance).length > 0) await Promise.all(of(instance));
    },
    async stop() {
      stopping.abort(new Error('The local cloud stops.'));
      await Promise.all(going.keys());
    },
  };
}
