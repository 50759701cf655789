import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { hasCode } from '../../../embedded/error-code.ts';
import type { Container } from '../objects/pod.ts';

const config = z.object({
  entrypoint: z._default(z.array(z.string()), []),
  cmd: z._default(z.array(z.string()), []),
  env: z._default(z.record(z.string(), z.string()), {}),
});

/** A container image of the local cloud: a folder with its files and what its build said of them. */
export type Image = { folder: string; id: string; config: z.infer<typeof config> };

const REPOSITORY = 'carthub-db.local/';
const COMPONENT = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const DOMAIN = '[a-zA-Z0-9]+(?:[.-][a-zA-Z0-9]+)*(?::[0-9]+)?';
/** https://github.com/distribution/reference: domain, path, tag, digest. */
const REFERENCE = new RegExp(
  `^((?:${DOMAIN}/)?${COMPONENT}(?:/${COMPONENT})*)(?::([\\w][\\w.-]{0,127}))?(?:@([A-Za-z][A-Za-z0-9]*:[0-9a-fA-F]{32,}))?$`,
);

/** Why the text is no image reference, in the words of the kubelet, or null. */
export function malformed(reference: string): string | null {
  if (REFERENCE.test(reference)) return null;
  const why = REFERENCE.test(reference.toLowerCase())
    ? 'invalid reference format: repository name must be lowercase'
    : 'invalid reference format';
  return `Failed to apply default image tag "${reference}": couldn't parse image name "${reference}": ${why}`;
}

/**
 * The image of a reference in `images`, or null: `carthub-db.local/NAME@sha256:DIGEST` is the folder of that digest; a name
 * with a tag is looked up in `tags.json`.
 */
export async function findImage(images: string, reference: string): Promise<Image | null> {
  const [, name = '', tag, digest] = REFERENCE.exec(reference) ?? [];
  const tagged = `${name}:${tag ?? 'latest'}`;
  const sha256 = digest === undefined ? (await tags(images))[tagged] : digestIn(name, digest);
  if (sha256 === undefined) return null;
  const folder = join(images, sha256);
  const text = await readIfThere(join(folder, 'config.json'));
  return text === null ? null : { folder, id: `sha256:${sha256}`, config: z.parse(config, JSON.parse(text)) };
}

function digestIn(name: string, digest: string): string | undefined {
  return name.startsWith(REPOSITORY) ? /^sha256:([0-9a-f]{64})$/.exec(digest)?.[1] : undefined;
}

async function tags(images: string): Promise<Record<string, string>> {
  const text = await readIfThere(join(images, 'tags.json'));
  return text === null ? {} : z.parse(z.record(z.string(), z.string()), JSON.parse(text));
}

async function readIfThere(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return null;
    throw error;
  }
}

/**
 * What a container runs: `command` replaces the image's entrypoint and its default arguments, `args` the default arguments
 * alone (https://kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container/).
 */
export function commandOf(container: Pick<Container, 'command' | 'args'>, image: Image): string[] {
  const { command = [], args = [] } = container;
  const defaults = args.length > 0 ? args : image.config.cmd;
  return command.length > 0 ? [...command, ...args] : [...image.config.entrypoint, ...defaults];
}
