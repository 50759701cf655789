// A program of its own that holds a throwaway server until its standard input ends.
import { once } from 'node:events';
import { withThrowawayServer } from '../../embedded/throwaway.ts';

await withThrowawayServer(async (server) => {
  process.stdout.write(`${server.pid}\n`);
  process.stdin.resume();
  await once(process.stdin, 'end');
});
