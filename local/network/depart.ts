import { Socket } from 'node:net';
import { hasAddress, LOOPBACK } from './loopback.ts';

/**
 * From now on this thread's connections to the loopback interface come from the address of those who run there, whoever makes
 * them and however, where the machine has that address. What says itself where it comes from is left alone.
 */
export async function departAs(whom: keyof typeof LOOPBACK): Promise<void> {
  if (await hasAddress(LOOPBACK[whom])) departFrom(LOOPBACK[whom]);
}

function departFrom(address: string): void {
  const connect = Socket.prototype.connect;
  Socket.prototype.connect = function (this: Socket, ...args: unknown[]) {
    return Reflect.apply(connect, this, departing(args, address));
  };
}

/** Node calls it with options, with port and host, or with its own list of options and listener, which has to stay that list. */
function departing([first, ...rest]: unknown[], address: string): unknown[] {
  if (Array.isArray(first)) {
    first[0] = from(first[0], address);
    return [first, ...rest];
  }
  if (typeof first === 'object' && first !== null) return [from(first, address), ...rest];
  if (!/^\d+$/.test(String(first))) return [first, ...rest];
  const [host, ...listeners] = typeof rest[0] === 'string' ? rest : ['localhost', ...rest];
  return [from({ port: Number(first), host }, address), ...listeners];
}

function from(options: unknown, localAddress: string): unknown {
  if (typeof options !== 'object' || options === null || !('port' in options)) return options;
  // `fetch` says it as undefined.
  if ('localAddress' in options && options.localAddress) return options;
  const host = 'host' in options ? (options.host ?? 'localhost') : 'localhost';
  if (host === 'localhost') return { ...options, localAddress, family: 4 };
  return typeof host === 'string' && host.startsWith('127.') ? { ...options, localAddress } : options;
}
