import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod/mini';

const phase = z.strictObject({
  'on-failure': z.literal('ABORT'),
  'runtime-versions': z.optional(z.record(z.string(), z.number())),
  commands: z.array(z.string()),
});

export const buildspec = z.strictObject({
  version: z.literal(0.2),
  env: z.strictObject({ shell: z.literal('bash') }),
  phases: z.record(z.string(), phase),
});

export async function readBuildspec(): Promise<z.infer<typeof buildspec>> {
  return buildspec.parse(parse(await readFile(join(import.meta.dirname, '../../buildspec.yml'), 'utf8')));
}

export const DIGEST = `sha256:${'ab'.repeat(32)}`;
export const REPOSITORY = '123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/runner';

/** Programs in place of the real ones: each writes down how it was called and answers what the pipeline asks for. */
const STANDS_IN = `#!/bin/bash
call="$(basename "$0") $*"
echo "$call" >> "$LOG"
[[ -n "$FAIL" && "$call" == *"$FAIL"* ]] && exit "$CODE"
case "$call" in
  "docker image inspect"*) echo "$REPOSITORY@${DIGEST}" ;;
  "docker login"*) read -r password && echo "password $password" >> "$LOG" ;;
  "aws ecr get-login-password"*) echo secret ;;
  "aws ecr describe-image-scan-findings"*) echo "$FINDINGS" ;;
esac
exit 0
`;

/**
 * Runs the pipeline as CodeBuild does, command after command in one shell until one fails, with programs that only write
 * down what they are asked.
 */
export async function runPipeline(how: { fail?: string; code?: number; findings?: string } = {}): Promise<{
  calls: string[];
  code: number;
}> {
  const folder = await mkdtemp(join(tmpdir(), 'carthub-db-pipeline-'));
  try {
    const bin = join(folder, 'bin');
    await mkdir(bin);
    for (const name of ['npm', 'npx', 'docker', 'aws']) {
      await writeFile(join(bin, name), STANDS_IN);
      await chmod(join(bin, name), 0o755);
    }
    const log = join(folder, 'log');
    await writeFile(log, '');
    const { phases } = await readBuildspec();
    const commands = Object.values(phases).flatMap((one) => one.commands);
    const script = commands.map((command) => `${command}\n[[ $? -eq 0 ]] || exit 99`).join('\n');
    const env = {
      ...{ PATH: `${bin}:/usr/bin:/bin`, LOG: log, FAIL: how.fail ?? '', CODE: `${how.code ?? 1}` },
      ...{ FINDINGS: how.findings ?? '0', DATABASE: 'carthub', REPOSITORY },
      ...{ CODEBUILD_RESOLVED_SOURCE_VERSION: 'c0ffee', CODEBUILD_BUILD_NUMBER: '7' },
    };
    const code = await new Promise<number>((resolve) => {
      const child = execFile('/bin/bash', ['-c', script], { env, cwd: folder });
      child.once('close', (status) => resolve(status ?? -1));
    });
    const calls = (await readFile(log, 'utf8')).trimEnd().split('\n');
    return { calls, code };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
