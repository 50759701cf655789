import { hostname, userInfo } from 'node:os';

/** Who asks, where nobody vouches for it: the login name, else the number, at this machine. */
export function requester(env: Record<string, string | undefined>): string {
  return `${env.USER || env.LOGNAME || loginName()}@${hostname()}`.slice(0, 300);
}

/** A container's user may be a number without an entry in the system's list. */
function loginName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
