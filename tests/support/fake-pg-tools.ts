import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What pg_dumpall ends with. */
export const GLOBALS = `printf -- '--\\n-- PostgreSQL database cluster dump complete\\n--\\n'`;
export const DUMP = `printf 'PGDMP and so on'`;

/** Lends `use` a folder with pg_dump, pg_dumpall and pg_restore that are shell scripts and do what a test says. */
export async function withFakeTools<T>(
  scripts: { pg_dump?: string; pg_dumpall?: string; version?: string },
  use: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'carthub-db-tools-'));
  const { version = '15.18', pg_dump: dump = DUMP, pg_dumpall: globals = GLOBALS } = scripts;
  try {
    for (const [name, script] of Object.entries({ pg_dump: dump, pg_dumpall: globals, pg_restore: 'exit 9' })) {
      const text = `#!/bin/sh\nif [ "$1" = --version ]; then echo "${name} (PostgreSQL) ${version}"; exit; fi\n${script}\n`;
      await writeFile(join(folder, name), text, { mode: 0o755 });
    }
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}
