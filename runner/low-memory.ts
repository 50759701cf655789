/**
 * Starts the program again, in the same process, with V8's optimising compiler for WebAssembly switched off. Over the
 * SQL grammar's one huge function that compiler takes 600 MB for half a second, and the container has 256 (measured:
 * libpg-query 18.1.5 on Node 24.21). The flag cannot be set later, nor through NODE_OPTIONS.
 *
 * Imported first of all, so that nothing is loaded twice.
 */
const FLAG = '--liftoff-only';

if (process.execve !== undefined && !process.execArgv.includes(FLAG)) {
  process.execve(
    process.execPath,
    [process.execPath, FLAG, ...process.execArgv, ...process.argv.slice(1)],
    process.env,
  );
}
