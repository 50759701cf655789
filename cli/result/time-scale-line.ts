/** What the durations of a run mean that the local cloud carried out; null on AWS, where time is time. */
export function timeScaleLine(timeScale: number | null): string | null {
  if (timeScale === null) return null;
  if (timeScale === 1) return 'The local cloud waited in real time.';
  return `The local cloud waited ${timeScale} of the time that AWS would (--time-scale); SQL took its own time.`;
}
