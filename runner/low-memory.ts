/**
 * Starts the program again, in the same process, with V8's optimising compiler for WebAssembly switched off. Over the
 * SQL grammar's one huge function that compiler takes 600 MB for half a second, and the container has 256 (measured:
 * libpg-query 18.1.5 on Node 24.21). And with a small nursery: the buffers of a stream that has passed through are given back
 * when it is swept, and a dump passes fast. The flags cannot be set later, nor all of them through NODE_OPTIONS.
 *
 * Imported first of all, so that nothing is loaded twice.
 */
const FLAGS = ['--liftoff-only', '--max-semi-space-size=1'];

if (process.execve !== undefined && !FLAGS.every((flag) => process.execArgv.includes(flag))) {
  process.execve(
    process.execPath,
    [process.execPath, ...FLAGS, ...process.execArgv, ...process.argv.slice(1)],
    process.env,
  );
}
