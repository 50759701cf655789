import * as z from 'zod/mini';

/** What a local cloud says of itself, in `cloud.json` and on its standard output when it is ready. */
export const cloudDescription = z.object({
  pid: z.int(),
  /** For `AWS_ENDPOINT_URL`. */
  endpoint: z.string(),
  /** Path of a file for kubectl. */
  kubeconfig: z.string(),
  region: z.string(),
  account: z.string(),
  /** What a person signs requests with there; it guards nothing. */
  accessKeyId: z.string(),
  secretAccessKey: z.string(),
  /** What waits, retry intervals and schedules are multiplied by. */
  timeScale: z.number(),
  /** The certificate authority of its databases. */
  databaseCaFile: z.string(),
});

export type Cloud = z.infer<typeof cloudDescription>;
