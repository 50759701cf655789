import type { Context } from '../command.ts';
import { UsageError } from '../errors.ts';

/** Asks a person who sees the plan whether to go. @throws UsageError when they say no, or nobody is there to ask */
export async function agree(command: string, { terminal, interrupted }: Context): Promise<void> {
  const answer = await terminal.ask('Do it? [y/N] ', interrupted);
  if (answer !== null && isYes(answer)) return;
  if (answer !== null) throw new UsageError('Nothing was started.', { remedy: `When you want it: ${command}` });
  throw new UsageError('Nobody is here to agree to this plan; nothing was started.', {
    remedy: `Look at it, then: ${command}`,
  });
}

export function isYes(answer: string): boolean {
  return /^y(es)?$/i.test(answer.trim());
}
