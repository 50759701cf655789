import { readFileSync } from 'node:fs';

/**
 * The most memory that this program ever had, in MiB. Linux's `ru_maxrss` begins, across fork and exec, with what the parent had: a small
 * program that a large one started would tell the large one's. `VmHWM` counts from exec on.
 * https://man7.org/linux/man-pages/man5/proc_pid_status.5.html
 */
export function peakMebibytes(): number {
  const own = process.platform === 'linux' ? readFileSync('/proc/self/status', 'utf8') : '';
  const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(own)?.[1] ?? process.resourceUsage().maxRSS;
  return Math.round(Number(kibibytes) / 1024);
}
