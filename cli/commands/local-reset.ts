import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { hasCode } from '../../embedded/error-code.ts';
import { endOrphans } from '../../embedded/processes.ts';
import { EXIT_FAULT, EXIT_USAGE } from '../../lib/runs/outcome.ts';
import type { Command } from '../command.ts';
import { DataFolderError, UsageError } from '../errors.ts';
import { attach } from '../local-cloud/attach.ts';
import { DATA_OPTION, readData } from '../options.ts';

/** What a local cloud writes when it takes a folder, and leaves there: no folder without it is touched. */
const SIGN = 'lock.json';
const sign = z.object({ pid: z.int(), since: z.string() });

/** All that the command and the local cloud put into a data folder; the sign last, so that a reset cut short can be repeated. */
const OURS = [
  ...['releases', 'images', 'users', 'processes', 'logs', 'tls', 's3', 'rds', 'kubernetes', 'secrets', 'sns'],
  ...['stepfunctions', 'functions', 'cloud.json', 'cloud.json.tmp', 'ports.json', 'ports.json.tmp'],
  ...['lock', 'lock-journal', SIGN],
];

/**
 * Removes what is ours in the data folder, after ending the servers that a killed cloud left on it.
 *
 * @returns the names of what is not ours, which is left there
 */
export async function localReset(data: string): Promise<string[]> {
  await endOrphans(join(data, 'processes'));
  for (const name of OURS) await rm(join(data, name), { recursive: true, force: true });
  return (await readdir(data)).sort();
}

/** @throws DataFolderError for a folder that is in use, or that is none of ours */
export async function refuseReset(data: string): Promise<void> {
  const running = await attach(data);
  if (running !== null) {
    throw new DataFolderError(`A local cloud runs on ${data} (process ${running.pid}).`, {
      remedy: `End it first: Ctrl-C where it was started, or kill ${running.pid}`,
    });
  }
  const names = await readdir(data);
  if (names.length > 0 && !(await isSigned(data))) {
    throw new DataFolderError(`No local cloud has ever run on ${data}: it has no ${SIGN} of one, and is left alone.`, {
      remedy: 'Name the right folder with --data DIR, or remove this one yourself.',
    });
  }
}

/** A file of that name may be another program's: ours says who took the folder, and when. */
async function isSigned(data: string): Promise<boolean> {
  try {
    return sign.safeParse(JSON.parse(await readFile(join(data, SIGN), 'utf8'))).success;
  } catch (error) {
    if (error instanceof SyntaxError || hasCode(error, 'ENOENT') || hasCode(error, 'EISDIR')) return false;
    throw error;
  }
}

export const localResetCommand: Command = {
  positional: null,
  options: { ...DATA_OPTION, yes: { help: 'do not ask' } },
  exits: [
    { code: 0, when: 'the data is gone' },
    { code: EXIT_USAGE, when: 'wrong usage, not agreed to, a cloud runs on the folder, or it is no folder of ours' },
    { code: EXIT_FAULT, when: 'a fault of our own' },
  ],
  examples: ['carthub-db local reset', 'carthub-db local reset --data /tmp/try --yes'],
  async run(given, context) {
    const data = readData(given, context);
    await refuseReset(data);
    if (!given.flag('yes')) {
      const question = `Remove all data of the local cloud in ${data}? [y/N] `;
      const answer = await context.terminal.ask(question, context.interrupted);
      if (answer === null || !/^y(es)?$/i.test(answer.trim())) {
        throw new UsageError('Nothing was removed.', { remedy: 'Say yes when asked, or add --yes.' });
      }
    }
    const left = await localReset(data);
    context.terminal.err(
      left.length === 0
        ? `${data} is empty now.`
        : `The local cloud's data is gone from ${data}. What is not of it was left there: ${left.join(', ')}`,
    );
    return 0;
  },
};
