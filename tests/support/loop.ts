/** Runs a step until it is done, as its state machine does; what fails is run again when `isStubborn`. */
export async function loop<P extends { done: boolean }>(
  step: (progress: P | null) => Promise<P>,
  isStubborn = false,
): Promise<P> {
  let progress: P | null = null;
  for (;;) {
    try {
      progress = await step(progress);
      if (progress.done) return progress;
    } catch (error) {
      if (!isStubborn || !(error instanceof Error) || error.name !== 'InternalFailure') throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
