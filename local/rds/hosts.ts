import { hasCode } from '../../embedded/error-code.ts';
import type { Server } from '../../embedded/server.ts';
import { type Address, openAddress } from './address.ts';
import type { Context } from './context.ts';
import { startEngine } from './engine/engine.ts';
import { type Entrance, openSession } from './engine/session.ts';
import { activeSecurityGroups, type Instance } from './instance.ts';

/** The running servers, and the addresses that lead to them. */
export type Hosts = {
  /** Starts the instance's server unless it runs. A recovery takes its settings along for this one start. */
  start(instance: Instance, signal: AbortSignal, recovery?: Record<string, string>): Promise<void>;
  /** Lets the instance's identifier lead to its server, and nothing else of it. */
  open(instance: Instance): Promise<void>;
  /** Closes the address and stops the server; `immediate` is a crash. */
  stop(instance: Instance, mode: 'fast' | 'immediate'): Promise<void>;
  stopAll(): Promise<void>;
  isRunning(instance: Instance): boolean;
  /** Aborted when the server that runs now stops, however that comes. */
  whileRunning(instance: Instance): AbortSignal;
  /** The port of the instance's address; null while nothing listens there. */
  port(instance: Instance): number | null;
  entrance(instance: Instance): Entrance;
};

type Host = {
  server: Server;
  address: Address | null;
  identifier: string;
  expected: boolean;
  gone: AbortController;
  /** Hangs up the session that the platform always has, as on RDS; it is there for whoever looks at sessions. */
  hangUp: () => void;
};

/** @param crashed hears of a server that ended by itself */
export function createHosts(context: () => Context, crashed: (instance: Instance) => void): Hosts {
  const hosts = new Map<string, Host>();

  async function stop(host: Host, mode: 'fast' | 'immediate'): Promise<void> {
    host.expected = true;
    leave(host);
    await host.server.stop(mode);
  }

  function leave(host: Host): void {
    host.address?.close();
    host.address = null;
    host.hangUp();
    host.gone.abort(new Error('The server stops.'));
  }

  function of({ resourceId, identifier }: Instance): Host {
    const host = hosts.get(resourceId);
    if (!host) throw new Error(`Nothing serves ${identifier}.`);
    return host;
  }

  return {
    async start(instance, signal, recovery = {}) {
      const { resourceId } = instance;
      if (hosts.has(resourceId)) return;
      const { inventory, processes, installation, tls, parameterGroups } = context();
      const { paths } = inventory;
      instance.parameterGroup.inForce = instance.parameterGroup.name;
      const server = await startEngine({
        folders: {
          data: paths.data(resourceId),
          wal: paths.wal(resourceId),
          tls: paths.tls(resourceId),
          log: paths.log(resourceId),
        },
        processes,
        installation: installation.folder,
        tls,
        archives: instance.settings.BackupRetentionPeriod > 0,
        parameters: parameterGroups[instance.parameterGroup.name] ?? {},
        recovery,
        signal,
      });
      const host: Host = {
        server,
        address: null,
        identifier: instance.identifier,
        expected: false,
        gone: new AbortController(),
        hangUp: () => undefined,
      };
      hosts.set(resourceId, host);
      void server.exited.then(() => {
        hosts.delete(resourceId);
        leave(host);
        if (!host.expected) crashed(instance);
      });
      const standing = await openSession(this.entrance(instance));
      host.hangUp = () => void standing.end().catch(() => undefined);
    },
    async open(instance) {
      const host = of(instance);
      if (host.address && host.identifier === instance.identifier) return;
      host.address?.close();
      host.identifier = instance.identifier;
      host.address = await listen(context(), host.server.port, instance);
    },
    async stop(instance, mode) {
      const host = hosts.get(instance.resourceId);
      if (host) await stop(host, mode);
    },
    async stopAll() {
      await Promise.all([...hosts.values()].map((host) => stop(host, 'fast')));
    },
    isRunning: ({ resourceId }) => hosts.has(resourceId),
    port: ({ resourceId }) => hosts.get(resourceId)?.address?.port ?? null,
    whileRunning: (instance) => of(instance).gone.signal,
    entrance: (instance) => ({
      port: of(instance).server.port,
      password: context().secret,
      caFile: context().tls.caFile,
    }),
  };
}

async function listen({ ports, network }: Context, upstream: number, instance: Instance): Promise<Address> {
  const name = `rds/${instance.identifier}`;
  const admission = (remote: string) => network.admits(activeSecurityGroups(instance), remote);
  try {
    return await openAddress({ port: await ports.claim(name), upstream, admits: admission });
  } catch (error) {
    if (!hasCode(error, 'EADDRINUSE')) throw error;
  }
  // Another program took it while the instance was away; clients have to read the new one from the description.
  await ports.forget(name);
  return openAddress({ port: await ports.claim(name), upstream, admits: admission });
}
