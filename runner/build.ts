/**
 * Builds what the image's program consists of: `node runner/build.ts FOLDER` writes `runner.cjs` and, beside it where the
 * bundle looks for it, the WebAssembly of PostgreSQL's grammar. The options are those of serverless.yml, by which the
 * functions are bundled too.
 */
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
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

async function buildRunner(folder: string): Promise<void> {
  const text = await readFile(new URL('../serverless.yml', import.meta.url), 'utf8');
  await mkdir(folder, { recursive: true });
  await build({
    ...serverless.parse(parse(text, { logLevel: 'error' })).custom.esbuild,
    entryPoints: [join(import.meta.dirname, 'main.ts')],
    outfile: join(folder, 'runner.cjs'),
    logLevel: 'warning',
  });
  const grammar = createRequire(import.meta.url).resolve('libpg-query/wasm/libpg-query.wasm');
  await copyFile(grammar, join(folder, 'libpg-query.wasm'));
}

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  process.stderr.write('Usage: node runner/build.ts FOLDER\n');
  process.exitCode = 2;
} else {
  await buildRunner(folder);
}
