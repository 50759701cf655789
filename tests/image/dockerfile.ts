import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

export const ROOT = join(import.meta.dirname, '../..');

export type Instruction = { name: string; text: string };

/** The instructions of the Dockerfile, one a line, those before the first FROM first, then by stage. */
export async function readDockerfile(): Promise<{ before: Instruction[]; stages: Instruction[][] }> {
  const text = await readFile(join(ROOT, 'Dockerfile'), 'utf8');
  const lines = text
    .replace(/^\s*#.*\n/gm, '')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const before: Instruction[] = [];
  const stages: Instruction[][] = [];
  for (const line of lines) {
    const [name = '', ...rest] = line.split(/\s+/);
    if (!/^[A-Z]+$/.test(name)) throw new Error(`no instruction: ${line}`);
    if (name === 'FROM') stages.push([]);
    (stages.at(-1) ?? before).push({ name, text: rest.join(' ') });
  }
  return { before, stages };
}

/** What of the checkout a stage copies, and where to, from its working directory. */
export function copied(stage: readonly Instruction[]): { from: string; to: string }[] {
  return stage
    .filter(({ name, text }) => name === 'COPY' && !text.startsWith('--from='))
    .flatMap(({ text }) => {
      const sources = text.split(' ');
      const target = sources.pop() ?? '';
      return sources.map((from) => ({ from, to: target.endsWith('/') ? join(target, basename(from)) : target }));
    });
}
