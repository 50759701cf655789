import { readdirSync, readFileSync } from 'node:fs';

const EVERY_MS = 25;

/** Follows the memory of a process and its children; the most that they had together, in MiB. Linux only. */
export function followMemory(pid: number): { stop(): { peakMiB: number; largest: string } } {
  let peak = 0;
  let largest = '';
  const timer = setInterval(() => {
    const each = tree(pid).map((one) => ({ ...residentOf(one), pid: one }));
    const sum = each.reduce((total, { kib }) => total + kib, 0);
    if (sum <= peak) return;
    peak = sum;
    largest = each.map(({ name, kib }) => `${name} ${Math.round(kib / 1024)}`).join(', ');
  }, EVERY_MS);
  return {
    stop() {
      clearInterval(timer);
      return { peakMiB: Math.round(peak / 1024), largest };
    },
  };
}

function tree(pid: number): number[] {
  const tasks = attempt(() => readdirSync(`/proc/${pid}/task`)) ?? [];
  const children = tasks.flatMap((task) =>
    (attempt(() => readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8')) ?? '').split(' '),
  );
  return [pid, ...children.filter((text) => text.trim() !== '').flatMap((text) => tree(Number(text)))];
}

/** What is resident, pages that it shares with others counted in part: as the container's limit counts them at most. */
function residentOf(pid: number): { name: string; kib: number } {
  const rollup = attempt(() => readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')) ?? '';
  const name = (attempt(() => readFileSync(`/proc/${pid}/comm`, 'utf8')) ?? '').trim();
  return { name, kib: Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0) };
}

/** A process may be gone between two looks. */
function attempt<T>(look: () => T): T | null {
  try {
    return look();
  } catch {
    return null;
  }
}
