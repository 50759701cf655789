import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import type { BuildOptions } from 'esbuild';
import * as z from 'zod/mini';
import { isUnchanged } from '../../builds/inputs.ts';
import { type Built, keptBuild } from '../../builds/kept-build.ts';
import { hasCode } from '../../embedded/error-code.ts';
import type { JsonObject } from '../stepfunctions/json.ts';
import { refusal } from './errors.ts';

/** `custom.esbuild` of serverless.yml, the part that says something of the bundles. */
const options = z.strictObject({
  bundle: z.literal(true),
  minify: z.boolean(),
  platform: z.literal('node'),
  target: z.string(),
  format: z.literal('cjs'),
  mainFields: z.array(z.string()),
  legalComments: z.enum(['none', 'inline', 'eof', 'linked', 'external']),
  external: z._default(z.array(z.string()), []),
  exclude: z._default(z.array(z.string()), []),
  keepNames: z._default(z.boolean(), false),
  concurrency: z.optional(z.int()),
});

/** Which files went into bundles, with their digests, and what was asked for. */
const record = z.object({ request: z.string(), inputs: z.record(z.string(), z.nullable(z.string())) });

type Request = { root: string; esbuild: JsonObject; entries: Record<string, string>; folder: string };

/**
 * Bundles `entries` (output name to source file) into `folder` as `<name>.cjs`, with the very options with which
 * serverless-esbuild makes what is deployed. Does nothing when no file that went in has changed since; what another data
 * folder has bundled of the same files is taken over.
 *
 * @param root    the folder of serverless.yml
 * @param esbuild its `custom.esbuild`
 */
export async function bundle(request: Request): Promise<void> {
  const parsed = options.safeParse(request.esbuild);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const keys = issue?.code === 'unrecognized_keys' ? issue.keys : issue?.path.map(String);
    throw refusal('serverless.yml: custom.esbuild', `the local deployment does not take ${keys?.join('.')} so.`);
  }
  const { exclude, external, concurrency: _, ...rest } = parsed.data;
  const { root, entries, folder } = request;
  // serverless-esbuild leaves out what is excluded in the same way.
  const wanted = { ...rest, external: [...external, ...exclude], entryPoints: entries };
  const hash = createHash('sha256').update(JSON.stringify(wanted)).digest('hex');
  const file = join(folder, 'bundles.json');
  const outputs = Object.keys(entries).map((name) => join(folder, `${name}.cjs`));
  if (outputs.every((output) => existsSync(output)) && isFresh(file, hash, root)) return;
  await rm(file, { force: true });
  const built = await keptBuild({ root, name: 'functions', request: hash, make: () => make(root, wanted) });
  for (const [name, content] of Object.entries(built.outputs)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  const { inputs } = built;
  if (inputs !== null) await writeFile(file, JSON.stringify({ request: hash, inputs }));
}

async function make(root: string, wanted: BuildOptions): Promise<{ outputs: Built['outputs']; inputs: string[] }> {
  // Only now, since it starts a process of its own.
  const { build } = await import('esbuild');
  const outdir = join(root, 'bundles');
  const { metafile, outputFiles } = await build({
    ...{ ...wanted, outdir, outExtension: { '.js': '.cjs' }, absWorkingDir: root },
    ...{ write: false, metafile: true, logLevel: 'silent' },
  });
  const outputs = outputFiles.map(({ path, contents }) => [relative(outdir, path), contents]);
  return { outputs: Object.fromEntries(outputs), inputs: Object.keys(metafile.inputs) };
}

function isFresh(file: string, request: string, root: string): boolean {
  try {
    const before = record.safeParse(JSON.parse(readFileSync(file, 'utf8')));
    return before.success && before.data.request === request && isUnchanged(root, before.data.inputs);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}
