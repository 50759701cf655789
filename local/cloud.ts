import { ACCOUNT, REGION } from './account.ts';
import { takeDataFolder } from './data-folder.ts';
import { type CloudDescription, publishDescription } from './description.ts';
import { makeParts } from './parts.ts';
import { provision } from './provision/provision.ts';
import { createSteps, type Step } from './steps.ts';
import { createUndo, type Undo } from './undo.ts';
import { createWorkflows } from './workflows.ts';

/** A running local cloud. */
export type Cloud = {
  description: CloudDescription;
  /** Ends it cleanly: executions ABORTED, PostgreSQL stopped, the folder free for the next one. */
  stop(): Promise<void>;
};

export type CloudOptions = {
  /** The repository: serverless.yml, functions/, k8s/. */
  root: string;
  /** The data folder, absolute. */
  data: string;
  /** By which the waits of workflows, schedules and services are multiplied. */
  timeScale: number;
  /** Of the endpoint; null for the one that the folder remembers. */
  port: number | null;
  /** Parameters of the stack besides those that the account gives, as `--param` of a deployment. */
  params: Record<string, string>;
  now: () => Date;
  /** One line of progress. */
  say: (line: string) => void;
  interrupted: AbortSignal;
  /** Told, once the folder is ours, how to kill every process that the cloud started, for when there is no time for more. */
  onTaken: (kill: () => Promise<unknown>) => void;
};

/**
 * Starts the cloud of a data folder, with everything in it that a stack for the database works on: what is there stays, what
 * is missing is made, what a killed process left behind is ended or removed.
 *
 * @throws LocalCloudStartError when another one runs on the folder
 */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const { say, now, interrupted } = options;
  const undo = createUndo();
  const stop = () => undo.all(createSteps({ say, now }));
  try {
    const description = await start(options, createSteps({ say, now, interrupted }), undo);
    return { description, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(options: CloudOptions, step: Step, undo: Undo): Promise<CloudDescription> {
  const { data, timeScale, now, say } = options;
  const startedAt = now().toISOString();
  await takeDataFolder({ ...options, startedAt, undo });
  const parts = await makeParts(options, step, undo);
  const { endpoint, kubernetes, identities, tls } = parts;
  const stack = await provision(parts, options, step);
  const workflows = await step('workflows ready', () =>
    createWorkflows({
      ...{ stack, data, timeScale, now, say, disturbance: parts.disturbance },
      environment: parts.environment(identities.functions),
    }),
  );
  undo.add('executions stopped', () => workflows.stop());
  parts.addService(workflows.service);
  await endpoint.listen(parts.port);
  workflows.open();

  const { accessKeyId, secretAccessKey } = identities.person;
  const description: CloudDescription = {
    pid: process.pid,
    endpoint: endpoint.url,
    kubeconfig: kubernetes.kubeconfig(),
    region: REGION,
    account: ACCOUNT,
    accessKeyId,
    secretAccessKey,
    timeScale,
    startedAt,
    caFile: tls.caFile,
    databaseCaFile: tls.caFile,
  };
  await publishDescription(data, description);
  return description;
}
