import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { build, version } from 'esbuild';
import * as z from 'zod/mini';
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

/** Which files went into bundles, as they were then, and what was asked for. */
const record = z.object({
  request: z.string(),
  inputs: z.array(z.object({ file: z.string(), size: z.number(), mtimeMs: z.number() })),
});

/**
 * Bundles `entries` (output name to source file) into `folder` as `<name>.cjs`, with the very options with which
 * serverless-esbuild makes what is deployed. Does nothing when no file that went in has changed since.
 *
 * @param root    the folder of serverless.yml
 * @param esbuild its `custom.esbuild`
 */
export async function bundle(request: {
  root: string;
  esbuild: JsonObject;
  entries: Record<string, string>;
  folder: string;
}): Promise<void> {
  const parsed = options.safeParse(request.esbuild);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const keys = issue?.code === 'unrecognized_keys' ? issue.keys : issue?.path.map(String);
    throw refusal('serverless.yml: custom.esbuild', `the local deployment does not take ${keys?.join('.')} so.`);
  }
  const { exclude, external, concurrency: _, ...rest } = parsed.data;
  const hash = createHash('sha256')
    .update(JSON.stringify([version, rest, external, exclude, request.entries]))
    .digest('hex');
  const file = join(request.folder, 'bundles.json');
  const outputs = Object.keys(request.entries).map((name) => join(request.folder, `${name}.cjs`));
  if (outputs.every((output) => existsSync(output)) && isFresh(file, hash)) return;
  await rm(file, { force: true });
  await mkdir(request.folder, { recursive: true });
  const { metafile } = await build({
    ...rest,
    // serverless-esbuild leaves out what is excluded in the same way.
    external: [...external, ...exclude],
    entryPoints: request.entries,
    outdir: resolve(request.folder),
    outExtension: { '.js': '.cjs' },
    absWorkingDir: request.root,
    metafile: true,
    logLevel: 'silent',
  });
  const inputs = Object.keys(metafile.inputs).map((name) => stampOf(join(request.root, name)));
  await writeFile(file, JSON.stringify({ request: hash, inputs }));
}

function stampOf(file: string): { file: string; size: number; mtimeMs: number } {
  const { size, mtimeMs } = statSync(file);
  return { file, size, mtimeMs };
}

function isFresh(file: string, request: string): boolean {
  try {
    const before = record.parse(JSON.parse(readFileSync(file, 'utf8')));
    return before.request === request && before.inputs.every((input) => isSame(input, stampOf(input.file)));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}

function isSame(one: { size: number; mtimeMs: number }, two: { size: number; mtimeMs: number }): boolean {
  return one.size === two.size && one.mtimeMs === two.mtimeMs;
}
