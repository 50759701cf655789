import { PROGRAM } from '../program.ts';

/**
 * What becomes of a run when the command that follows it is interrupted, and what can be done about it.
 *
 * @param given.again what to type when the run ends with this command
 * @param given.see what to type to see how it goes when it does not
 */
export function ifLeft(
  execution: string,
  endsWithUs: boolean,
  { flags, again, see }: { flags: string; again: string; see?: string },
): { message: string; remedy: string } {
  if (endsWithUs) {
    return {
      message:
        'The local cloud, which this command had started, ends with it: the execution becomes ABORTED, its Job and its sessions are ended.',
      remedy: `The next one finds out first what this one did: ${again}`,
    };
  }
  const stop = flags.includes(' --local')
    ? ''
    : `; stop it: aws stepfunctions stop-execution --execution-arn ${execution}`;
  return {
    message: 'It goes on without this command.',
    remedy: `See how it goes: ${see ?? `${PROGRAM} status${flags}`}${stop}`,
  };
}
