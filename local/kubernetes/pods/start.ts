import { fileURLToPath } from 'node:url';
import type { Pod } from '../objects/pod.ts';
import type { Store } from '../store/store.ts';
import { environmentOf, expand } from './environment.ts';
import { type Filesystem, makeFilesystem } from './filesystem.ts';
import { commandOf, findImage, type Image, malformed } from './image.ts';
import { ConfigError, ImageError } from './obstacle.ts';

/** Node, which gives the program's connections the address of pods. Programs that are not node's come from 127.0.0.1. */
const NODE = [process.execPath, '--import', fileURLToPath(new URL('../../network/pod.ts', import.meta.url))];

/** Everything that the process of a pod's container is started with. */
export type Launch = {
  image: Image;
  command: string[];
  env: Record<string, string>;
  filesystem: Filesystem;
};

/** Finds the image or throws an {@link ImageError} with the kubelet's reason. */
export async function pull(images: string, pod: Pod): Promise<Image> {
  const [container] = pod.spec.containers;
  const reference = container?.image ?? '';
  const why = malformed(reference);
  if (why !== null) throw new ImageError('InvalidImageName', why);
  const image = await findImage(images, reference);
  if (image !== null) return image;
  if (container?.imagePullPolicy === 'Never') {
    throw new ImageError(
      'ErrImageNeverPull',
      `Container image "${reference}" is not present with pull policy of Never`,
    );
  }
  throw new ImageError(
    'ErrImagePull',
    `rpc error: code = NotFound desc = failed to pull and unpack image "${reference}": failed to resolve reference "${reference}": ${reference}: not found`,
  );
}

/**
 * Puts together what the container runs with. Of the image's variables, those that the cloud gives every pod (as EKS Pod
 * Identity would: endpoint, region, credentials) and those of the spec, the later win; nothing of the cloud's own
 * environment gets in but PATH, which stands for the programs that are in the image.
 */
export async function prepare(options: {
  store: Store;
  pod: Pod;
  image: Image;
  folder: string;
  podEnv: Record<string, string>;
}): Promise<Launch> {
  const { store, pod, image, folder, podEnv } = options;
  const [container] = pod.spec.containers;
  if (container === undefined) throw new ConfigError('no container');
  const isRoot = (container.securityContext?.runAsUser ?? pod.spec.securityContext.runAsUser) === 0;
  if (isRoot && (container.securityContext?.runAsNonRoot ?? pod.spec.securityContext.runAsNonRoot)) {
    throw new ConfigError("container's runAsUser breaks non-root policy");
  }
  const given = environmentOf(store, pod, container);
  const filesystem = await makeFilesystem({ store, pod, container, folder });
  const rewritten = (values: Record<string, string>) =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, filesystem.rewrite(value)]));
  // What the cloud itself adds are paths of this machine already.
  const env = {
    PATH: process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin',
    HOSTNAME: pod.metadata.name,
    ...(filesystem.temporary === null ? {} : { TMPDIR: filesystem.temporary }),
    ...rewritten(image.config.env),
    ...podEnv,
    ...rewritten(given),
  };
  const parts = (list: string[] | undefined) => list?.map((part) => expand(part, given));
  const expanded = { command: parts(container.command), args: parts(container.args) };
  const [program, ...args] = commandOf(expanded, image).map((part) => filesystem.rewrite(part));
  if (program === undefined) throw new ConfigError('no command specified');
  return { image, command: [...(program === 'node' ? NODE : [program]), ...args], env, filesystem };
}
