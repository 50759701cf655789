import { open } from 'node:fs/promises';
import { hasCode } from '../../../embedded/error-code.ts';
import type { Container } from '../objects/pod.ts';
import { readLog } from './log.ts';

const MAX_BYTES = 4_096;
const LOG_BYTES = 2_048;
const LOG_LINES = 80;

/**
 * The termination message of a container that has ended: the last 4,096 bytes of its file (kubelet's tail.ReadAtMost), or,
 * when that is empty, the container failed and its policy asks for it, the end of its log: at most 80 lines and 2,048 bytes.
 */
export async function terminationMessage(options: {
  file: string;
  log: string;
  policy: Container['terminationMessagePolicy'];
  exitCode: number;
}): Promise<string> {
  const said = await lastBytes(options.file);
  if (said.length > 0 || options.policy !== 'FallbackToLogsOnError' || options.exitCode === 0) return said.toString();
  const all = readLog(options.log, { tailLines: LOG_LINES, limitBytes: null, since: null, timestamps: false });
  return all.subarray(-LOG_BYTES).toString();
}

async function lastBytes(path: string): Promise<Buffer> {
  try {
    await using file = await open(path, 'r');
    const { size } = await file.stat();
    const length = Math.min(size, MAX_BYTES);
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(length), position: size - length });
    return buffer.subarray(0, bytesRead);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return Buffer.alloc(0);
    throw error;
  }
}
