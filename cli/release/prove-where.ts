import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { modeOf } from '../../lib/migrations/mode-of.ts';
import type { Arguments } from '../arguments.ts';
import type { Context, Option } from '../command.ts';
import { PreludeError } from '../errors.ts';
import type { Applicable } from './apply.ts';
import { readServerUrl, type ServerAddress } from './prove-url.ts';

/** Where files are tried, and after what. */
export type Where = {
  /** Null: a PostgreSQL of npm's that is there for this alone. */
  server: ServerAddress | null;
  /** What a platform has done to a database before its first migration. */
  prelude: Applicable | null;
};

export const EMBEDDED: Where = { server: null, prelude: null };

/** Of all commands that try files. */
export const WHERE_OPTIONS: Record<string, Option> = {
  server: {
    value: 'URL',
    help: 'try the files in a database of their own on this PostgreSQL 15, and drop it again (default: the embedded one); password in PGPASSWORD',
  },
  prelude: {
    value: 'FILE',
    help: 'SQL for that database before the first file: the extensions and roles that your platform provides',
  },
};

/** @throws UsageError, PreludeError */
export async function readWhere(given: Arguments, context: Context): Promise<Where> {
  const url = given.text('server');
  const prelude = given.text('prelude');
  return {
    server: url === null ? null : await readServerUrl(url, context),
    prelude: prelude === null ? null : await readPrelude(resolve(context.cwd, prelude)),
  };
}

/**
 * What a proof depends on besides the files; null when it cannot be told, since what a server has installed changes without
 * a word to us.
 */
export function whereKey({ server, prelude }: Where): string | null {
  if (server !== null) return null;
  return createHash('sha256').update(JSON.stringify(prelude)).digest('hex');
}

async function readPrelude(path: string): Promise<Applicable> {
  let sql: string;
  try {
    sql = await readFile(path, 'utf8');
  } catch (cause) {
    throw new PreludeError(`The prelude ${path} cannot be read: ${cause instanceof Error ? cause.message : cause}.`, {
      remedy: 'Name a file of SQL: --prelude FILE',
      cause,
    });
  }
  const file = basename(path);
  return { file, sql, mode: await modeOf(file, sql) };
}
