import type { Step } from './steps.ts';

/** What has been started and has to be ended, in the reverse order. */
export type Undo = {
  add(name: string, run: () => Promise<void> | void): void;
  /** Ends all of it, once; where one fails the rest is still ended, and then its error thrown. */
  all(step: Step): Promise<void>;
};

export function createUndo(): Undo {
  const entries: { name: string; run: () => Promise<void> | void }[] = [];
  return {
    add: (name, run) => void entries.push({ name, run }),
    async all(step) {
      const failed: unknown[] = [];
      for (const { name, run } of entries.splice(0).reverse()) {
        await step(name, async () => run()).catch((error: unknown) => failed.push(error));
      }
      if (failed.length > 0) throw failed[0];
    },
  };
}
