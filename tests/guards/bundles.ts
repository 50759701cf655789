import { join } from 'node:path';
import { build } from 'esbuild';
import * as z from 'zod/mini';
import { deployedFunctions, stackFile } from './stack.ts';

const serverless = z.object({
  custom: z.object({
    esbuild: z.object({
      minify: z.boolean(),
      target: z.string(),
      format: z.enum(['cjs', 'esm']),
      mainFields: z.array(z.string()),
      external: z.array(z.string()),
    }),
  }),
});

/** Every function's bundle as it would be deployed, by the name under which the definitions ask for it. */
export async function bundles(): Promise<Map<string, string>> {
  const { esbuild } = serverless.parse(await stackFile('serverless.yml')).custom;
  const deployed = await deployedFunctions();
  const built = await build({
    entryPoints: [...deployed].map(([out, { handler }]) => ({ out, in: handler.replace(/\.handler$/, '.ts') })),
    absWorkingDir: join(import.meta.dirname, '../..'),
    outdir: 'bundles',
    bundle: true,
    platform: 'node',
    legalComments: 'none',
    write: false,
    logLevel: 'error',
    ...esbuild,
  });
  const named = (name: string) => built.outputFiles.find((file) => file.path.endsWith(`/${name}.js`))?.text ?? '';
  return new Map([...deployed.keys()].map((name) => [name, named(name)]));
}
