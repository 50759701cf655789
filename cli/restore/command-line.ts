import { utcTime } from '../../lib/restore/local-time.ts';
import type { RestoreOptions, RestoreOrder } from '../../lib/restore/order.ts';
import { quoted } from '../options.ts';
import { PROGRAM } from '../program.ts';
import { acceptedLossText } from './accept-loss.ts';

/** The command that does what was planned, with the moment spelled out. */
export function commandFor(
  options: RestoreOptions,
  given: { flags: string; digest: string; reason: string | null },
): string {
  const { acceptLoss, freeze, maxFreezeSeconds, acceptWindowSeconds, hydrate, resume } = options;
  const reason = given.reason === null ? '"why"' : quoted(given.reason);
  return [
    `${PROGRAM} restore${given.flags}`,
    resume === null ? orderText(options.order) : `--resume ${resume}`,
    ...(acceptLoss === null ? [] : [`--accept-loss ${acceptedLossText(acceptLoss)}`]),
    ...(freeze === 'now' ? ['--freeze now'] : []),
    ...(maxFreezeSeconds === 600 ? [] : [`--max-freeze ${maxFreezeSeconds}s`]),
    ...(acceptWindowSeconds === Math.min(600, maxFreezeSeconds) ? [] : [`--accept-window ${acceptWindowSeconds}s`]),
    ...(hydrate ? [] : ['--no-hydrate']),
    `--plan-digest ${given.digest} --reason ${reason}`,
  ].join(' ');
}

/** A moment as it is, whenever the command is typed again. */
export function orderText(order: RestoreOrder): string {
  switch (order.to) {
    case 'latest':
      return '--to latest';
    case 'time':
      return `--to ${withoutNoughts(order.time)}`;
    case 'run':
      return `--before-run ${quoted(order.run)}`;
    case 'snapshot':
      return `--snapshot ${quoted(order.snapshot)}`;
  }
}

/** The digest is of the order as it was read, so what a fraction says stays. */
function withoutNoughts(time: string): string {
  const at = new Date(time);
  return at.getUTCMilliseconds() === 0 ? utcTime(at) : time;
}
