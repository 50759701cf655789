import type { Hints } from '../result/outcome-lines.ts';

/** What becomes of a run when the command that follows it is interrupted, and what can be done about it. */
export function ifLeft(
  execution: string,
  endsWithUs: boolean,
  { flags, again }: Hints,
): { message: string; remedy: string } {
  if (endsWithUs) {
    return {
      message:
        'The local cloud, which this command had started, ends with it: the execution becomes ABORTED, its Job and its sessions are ended.',
      remedy: `The next one finds out first what this one did: ${again}`,
    };
  }
  return {
    message: 'It goes on without this command.',
    remedy: `See how it goes: npx carthub-db status${flags}; stop it: aws stepfunctions stop-execution --execution-arn ${execution}`,
  };
}
