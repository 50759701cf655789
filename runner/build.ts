/**
 * Builds what the image's program consists of: `node runner/build.ts FOLDER` writes `runner.cjs` and, beside it where the
 * bundle looks for it, the WebAssembly of PostgreSQL's grammar. The options are those of serverless.yml, by which the
 * functions are bundled too. Into the file INPUTS, if one is named, goes a JSON list of what was read.
 */
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, relative, resolve } from 'node:path';
import { build } from 'esbuild';
import { parse } from 'yaml';
import * as z from 'zod/mini';

const options = z.object({
  bundle: z.literal(true),
  minify: z.boolean(),
  platform: z.literal('node'),
  target: z.string(),
  format: z.literal('cjs'),
  mainFields: z.array(z.string()),
  legalComments: z.literal('none'),
  external: z.array(z.string()),
});

const serverless = z.object({ custom: z.object({ esbuild: options }) });

const ROOT = join(import.meta.dirname, '..');

/** @returns what it read, from the checkout */
async function buildRunner(folder: string): Promise<string[]> {
  const text = await readFile(join(ROOT, 'serverless.yml'), 'utf8');
  await mkdir(folder, { recursive: true });
  const { metafile } = await build({
    ...serverless.parse(parse(text, { logLevel: 'error' })).custom.esbuild,
    entryPoints: [join(import.meta.dirname, 'main.ts')],
    outfile: join(resolve(folder), 'runner.cjs'),
    absWorkingDir: ROOT,
    metafile: true,
    logLevel: 'warning',
  });
  const grammar = createRequire(import.meta.url).resolve('libpg-query/wasm/libpg-query.wasm');
  await copyFile(grammar, join(folder, 'libpg-query.wasm'));
  return ['serverless.yml', 'runner/build.ts', relative(ROOT, grammar), ...Object.keys(metafile.inputs)];
}

const [folder, inputs] = process.argv.slice(2);
if (folder === undefined) {
  process.stderr.write('Usage: node runner/build.ts FOLDER [INPUTS]\n');
  process.exitCode = 2;
} else {
  const read = await buildRunner(folder);
  if (inputs !== undefined) await writeFile(inputs, JSON.stringify(read));
}
