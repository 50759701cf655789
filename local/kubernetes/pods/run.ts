import { randomBytes } from 'node:crypto';
import { hasCode } from '../../../embedded/error-code.ts';
import { timestamp } from '../objects/metadata.ts';
import type { Pod, PodStatus } from '../objects/pod.ts';
import type { Announcer } from './announce.ts';
import { startContainer } from './container.ts';
import { type Log, openLog } from './log.ts';
import type { Launch } from './start.ts';
import { withContainer } from './status.ts';
import { terminationMessage } from './termination.ts';

/** A container on its way from Running to its end. */
export type Run = {
  log: Log;
  /** SIGTERM now, SIGKILL to all its processes after `graceSeconds`; again with less shortens the wait. */
  terminate(graceSeconds: number): void;
  /** Settles when no process of it runs any more and its last state is stored. */
  over: Promise<void>;
};

type Options = {
  pod: Pod;
  launch: Launch;
  logFile: string;
  processes: string;
  now: () => Date;
  say: Announcer;
  /** Stores a new state of the pod. */
  change: (make: (pod: Pod) => Pod) => void;
};

/** Starts the container's process and follows it; null when there is no such program, and the pod has failed with that. */
export async function runContainer(options: Options): Promise<Run | null> {
  const { launch, now, say, change } = options;
  const log = openLog(options.logFile);
  const startedAt = timestamp(now());
  const containerID = `containerd://${randomBytes(32).toString('hex')}`;
  const image = launch.image.id;
  const end = (exitCode: number, reason: string, message: string) => {
    const said = message === '' ? {} : { message };
    const terminated = { exitCode, reason, ...said, startedAt, finishedAt: timestamp(now()), containerID };
    const phase: PodStatus['phase'] = exitCode === 0 ? 'Succeeded' : 'Failed';
    change((pod) => withContainer(pod, { phase, state: { terminated }, now: now(), image, containerID }));
  };
  const { command, env } = launch;
  const container = await startContainer({
    ...{ command, env, cwd: launch.image.folder, log, processes: options.processes, now },
  }).catch((error: unknown) => {
    log.close(now());
    const message = startError(command[0] ?? '', error);
    say.failed(`Error: ${message}`);
    end(128, 'StartError', message);
    return null;
  });
  if (container === null) return null;

  say.started();
  const state = { running: { startedAt } };
  change((pod) => withContainer(pod, { phase: 'Running', state, now: now(), image, containerID, pid: container.pid }));
  let killer: NodeJS.Timeout | undefined;
  let isOver = false;
  const follow = async () => {
    const exitCode = await container.exited;
    isOver = true;
    clearTimeout(killer);
    const policy = options.pod.spec.containers[0]?.terminationMessagePolicy ?? 'File';
    const file = launch.filesystem.terminationFile;
    const message = await terminationMessage({ file, log: options.logFile, policy, exitCode });
    end(exitCode, exitCode === 0 ? 'Completed' : 'Error', message);
  };
  return {
    log,
    over: follow(),
    terminate(graceSeconds) {
      if (isOver) return;
      if (killer === undefined) {
        say.killing();
        container.terminate();
      }
      clearTimeout(killer);
      killer = setTimeout(() => container.kill(), graceSeconds * 1000);
    },
  };
}

/** What containerd and runc say when the program is not there or cannot be run. */
function startError(program: string, error: unknown): string {
  if (!hasCode(error, 'ENOENT', 'EACCES', 'ENOEXEC', 'ENOTDIR', 'E2BIG')) throw error;
  // A folder of PATH that we may not search makes it EACCES.
  const isMissing = hasCode(error, 'ENOENT') || !program.includes('/');
  const why = isMissing ? 'executable file not found in $PATH' : String(error);
  return `failed to create containerd task: failed to create shim task: OCI runtime create failed: exec: "${program}": ${why}: unknown`;
}
