// Runs a program with the Node 24 that npm has installed, whatever Node started it: the runtime of the Lambdas and of the
// container, and the one that reads this repository's TypeScript. Plain JavaScript that any Node since 20 can read.
//   node cli/node24.js PROGRAM [ARGUMENTS]
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, realpathSync, statSync, utimesSync } from 'node:fs';
import module, { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Lets Node keep what it has compiled, with the types taken out of TypeScript, for the next start: of this process and of
 * those that it starts. A source that has changed is compiled anew. Without effect where npm has installed nothing, or where
 * that folder cannot be written.
 */
export function keepCompiled() {
  const modules = fileURLToPath(new URL('../node_modules', import.meta.url));
  if (process.env.NODE_COMPILE_CACHE === undefined && existsSync(modules)) {
    process.env.NODE_COMPILE_CACHE = join(modules, '.cache/carthub-db/compiled');
    makeFolder(modules, process.env.NODE_COMPILE_CACHE);
  }
  module.enableCompileCache?.();
}

/** A change of `node_modules` itself would tell npm that its own list of what is installed is out of date. */
function makeFolder(modules, folder) {
  try {
    const { atime, mtimeMs } = statSync(modules);
    const made = mkdirSync(folder, { recursive: true });
    if (made === join(modules, '.cache')) utimesSync(modules, atime, new Date(Math.floor(mtimeMs)));
  } catch (error) {
    // Node does without it then.
    if (error.syscall === undefined) throw error;
  }
}

/** Whether this process is that Node already. */
export function isNode24() {
  const own = ownNode();
  return own !== null && realpathSync(process.execPath) === own;
}

/**
 * Runs `args` with it, with our streams, signals and exit code.
 *
 * @param channel tells the program by its IPC channel when this process is gone, also by kill -9
 */
export function runWithNode24(args, { channel = false } = {}) {
  const own = ownNode();
  handOver(own === null ? candidates() : [own, ...candidates()], args, channel);
}

/** The Node 24 that `npm ci` installed for this machine. */
function ownNode() {
  const require = createRequire(import.meta.url);
  for (const name of ['node24', 'node24-linux-arm64']) {
    try {
      const node = join(dirname(require.resolve(`${name}/package.json`)), 'bin', 'node');
      const { os, cpu } = require(`${name}/package.json`);
      if (os.includes(process.platform) && cpu.includes(process.arch) && existsSync(node)) return realpathSync(node);
    } catch (error) {
      if (error.code !== 'MODULE_NOT_FOUND') throw error;
    }
  }
  return null;
}

/** The Node that runs this, if it can read TypeScript (22.18 is the first that does so without a flag). */
function candidates() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const strips = process.features.typescript === 'strip' || process.features.typescript === 'transform';
  return strips && (major > 22 || (major === 22 && minor >= 18)) ? [process.execPath] : [];
}

function handOver([node, ...others], args, channel) {
  if (node === undefined) {
    console.error(`This needs Node 24, and ${process.version} on ${process.platform} ${process.arch} is not enough.`);
    console.error('Remedy: install Node 24, or run npm ci in the checkout, which brings it along on Linux with glibc.');
    process.exitCode = 1;
    return;
  }
  const child = spawn(node, ['--disable-warning=ExperimentalWarning', ...args], {
    stdio: ['inherit', 'inherit', 'inherit', ...(channel ? ['ipc'] : [])],
  });
  const forward = (signal) => child.kill(signal);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, forward);
  // A Node for glibc cannot be started where there is only musl, as on Alpine.
  child.once('error', () => handOver(others, args, channel));
  child.once('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeAllListeners(name);
    process.kill(process.pid, signal);
  });
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  keepCompiled();
  runWithNode24(process.argv.slice(2));
}
