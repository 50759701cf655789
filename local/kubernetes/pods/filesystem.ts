import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Container, Pod } from '../objects/pod.ts';
import type { Store } from '../store/store.ts';
import { MountError } from './obstacle.ts';

/** What a container sees of a file system of its own: its paths, and where on this machine they lie. */
export type Filesystem = {
  terminationFile: string;
  /** Where a path of the container lies, when it is the termination message's or in a mounted volume; else the text itself. */
  rewrite(text: string): string;
  /** The mount at /tmp, if there is one: a program that asks for the temporary folder must be told where it is. */
  temporary: string | null;
};

/**
 * A pod of the local cloud is a process of this machine, so it cannot have a root file system. Played is what programs are
 * told by name: values of environment variables and arguments that are a mounted path are replaced by a path in `folder`. A
 * path that a program has built in is the machine's own.
 */
export async function makeFilesystem(options: {
  store: Store;
  pod: Pod;
  container: Container;
  folder: string;
}): Promise<Filesystem> {
  const { store, pod, container, folder } = options;
  const terminationFile = join(folder, 'termination-log');
  await mkdir(folder, { recursive: true });
  await writeFile(terminationFile, '');
  const mounts: { from: string; to: string }[] = [];
  for (const { name, mountPath, subPath } of container.volumeMounts ?? []) {
    const at = join(folder, 'volumes', name);
    await fill(store, pod, name, at);
    const to = subPath === undefined ? at : join(at, subPath);
    if (subPath !== undefined) await mkdir(dirname(to), { recursive: true });
    mounts.push({ from: mountPath.replace(/\/+$/, ''), to });
  }
  // The deepest mount holds a path that several contain.
  mounts.sort((a, b) => b.from.length - a.from.length);
  return {
    terminationFile,
    rewrite(text) {
      if (text === container.terminationMessagePath) return terminationFile;
      const mount = mounts.find(({ from }) => text === from || text.startsWith(`${from}/`));
      return mount === undefined ? text : `${mount.to}${text.slice(mount.from.length)}`;
    },
    temporary: mounts.find(({ from }) => from === '/tmp')?.to ?? null,
  };
}

async function fill(store: Store, pod: Pod, name: string, at: string): Promise<void> {
  await mkdir(at, { recursive: true });
  const source = pod.spec.volumes?.find((volume) => volume.name === name)?.configMap;
  if (source === undefined) return;
  const map = store.configmaps.get(pod.metadata.namespace, source.name);
  if (!map && !source.optional) {
    throw new MountError(`MountVolume.SetUp failed for volume "${name}" : configmap "${source.name}" not found`);
  }
  const data = map?.data ?? {};
  const items = source.items ?? Object.keys(data).map((key) => ({ key, path: key }));
  for (const { key, path } of items) {
    const value = data[key];
    if (value === undefined) {
      throw new MountError(
        `MountVolume.SetUp failed for volume "${name}" : configmap references non-existent config key: ${key}`,
      );
    }
    await mkdir(dirname(join(at, path)), { recursive: true });
    await writeFile(join(at, path), value);
  }
}
