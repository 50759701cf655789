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

/** Why it is done, as it was given, or as a person says who is asked. @throws UsageError where there is nobody to ask */
export async function reasonFor(given: string | null, { terminal, interrupted }: Context): Promise<string> {
  const reason = given ?? (await terminal.ask('Why? It is kept with the run: ', interrupted))?.trim();
  if (reason) return reason;
  throw new UsageError('A reason is needed.', { remedy: 'Say why, for whoever reads it later: --reason TEXT' });
}

export function isYes(answer: string): boolean {
  return /^y(es)?$/i.test(answer.trim());
}
