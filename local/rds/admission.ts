import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { hasCode } from '../../embedded/error-code.ts';

/** Where a connection comes from: the two ends of it, as the kernel knows them. */
export type Remote = { port: number; localPort: number };

/**
 * Whether an instance with these security groups lets a new connection in.
 *
 * Groups add up, as on AWS, and every one lets everybody on this machine in, but for those whose name begins with `sg-ops`:
 * they let in only what runs inside the cloud, which here means its own process and those that it started (functions,
 * Jobs). Without any group nobody comes in.
 */
export function admits(securityGroups: string[], remote: Remote): boolean {
  if (securityGroups.some((id) => !id.startsWith('sg-ops'))) return true;
  return securityGroups.length > 0 && isInside(remote);
}

/** By /proc (proc(5)); where there is none nobody is known to be inside. */
function isInside({ port, localPort }: Remote): boolean {
  if (process.platform !== 'linux') return false;
  const socket = `socket:[${inodeOf(port, localPort)}]`;
  return family().some((pid) => holds(pid, socket));
}

/** The inode of the other side's socket, `-` when it is gone. */
function inodeOf(port: number, localPort: number): string {
  const end = (number: number) => `0100007F:${number.toString(16).toUpperCase().padStart(4, '0')}`;
  const lines = readFileSync('/proc/net/tcp', 'utf8').split('\n');
  const fields = lines.map((line) => line.trim().split(/\s+/));
  return fields.find(([, local, other]) => local === end(port) && other === end(localPort))?.[9] ?? '-';
}

/** Our own process and all that descend from it. */
function family(): number[] {
  const parents = new Map(
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((name) => [Number(name), parentOf(name)]),
  );
  const isOurs = (pid: number): boolean => pid === process.pid || (pid > 1 && isOurs(parents.get(pid) ?? 0));
  return [...parents.keys()].filter(isOurs);
}

function parentOf(pid: string): number {
  return ifGone(() => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  }, 0);
}

function holds(pid: number, socket: string): boolean {
  const folder = `/proc/${pid}/fd`;
  return ifGone(() => readdirSync(folder), []).some(
    (descriptor) => ifGone(() => readlinkSync(`${folder}/${descriptor}`), '') === socket,
  );
}

/** Processes and descriptors go while they are looked at, and those of another user are closed to us. */
function ifGone<T>(look: () => T, otherwise: T): T {
  try {
    return look();
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH', 'EACCES', 'EPERM')) return otherwise;
    throw error;
  }
}
