import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { endOrphans } from '../../embedded/processes.ts';
import { EXIT_FAULT, EXIT_USAGE } from '../../lib/runs/outcome.ts';
import type { Command } from '../command.ts';
import { DataFolderError, UsageError } from '../errors.ts';
import { attach } from '../local-cloud/attach.ts';
import { DATA_OPTION, readData } from '../options.ts';

/** What a data folder has from its first start on: no other folder is emptied. */
const SIGNS = ['cloud.json', 'ports.json', 'releases', 'images'];

/** Removes what is in the data folder, after ending the servers that a killed cloud left on it. */
export async function localReset(data: string): Promise<void> {
  await endOrphans(join(data, 'processes'));
  for (const name of await readdir(data)) await rm(join(data, name), { recursive: true, force: true });
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
  if (names.length > 0 && !names.some((name) => SIGNS.includes(name))) {
    throw new DataFolderError(`${data} does not look like the data of a local cloud; it is left alone.`, {
      remedy: 'Name the right folder with --data DIR, or remove this one yourself.',
    });
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
      const answer = await context.terminal.ask(`Remove all data of the local cloud in ${data}? [y/N] `);
      if (answer === null || !/^y(es)?$/i.test(answer.trim())) {
        throw new UsageError('Nothing was removed.', { remedy: 'Say yes when asked, or add --yes.' });
      }
    }
    await localReset(data);
    context.terminal.err(`${data} is empty now.`);
    return 0;
  },
};
