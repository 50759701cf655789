import { createServer } from 'node:net';

/**
 * Where connections come from. Every program on this machine would come from 127.0.0.1; what runs inside the cloud is told
 * apart by an address of its own, as network interfaces in a VPC are: 127.0.0.n stands for 10.0.0.n there.
 */
export const LOOPBACK = { everybody: '127.0.0.1', functions: '127.0.0.2', pods: '127.0.0.3' } as const;

/** The address in the VPC that a loopback address stands for; null for one that stands for none. */
export function addressInVpc(loopback: string): string | null {
  return loopback.startsWith('127.0.0.') ? loopback.replace('127.', '10.') : null;
}

/** Whether this machine has the address. Linux has all of 127.0.0.0/8; macOS only those that somebody added. */
export function hasAddress(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(0, address, () => probe.close(() => resolve(true)));
  });
}
