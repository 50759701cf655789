import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { EXIT_FAULT, EXIT_USAGE } from '../../lib/runs/outcome.ts';
import type { SchemaDocument } from '../../lib/schema/document.ts';
import { renderPage } from '../../lib/schema/page.ts';
import { again } from '../again.ts';
import { differenceLines } from '../check/difference-lines.ts';
import { readIfThere, schemaFile, schemaText, staleness } from '../check/schema-file.ts';
import type { Command, Context } from '../command.ts';
import { CHECKOUT } from '../options.ts';
import { readMigrations } from '../release/folder.ts';
import { readIgnoreRules } from '../release/ignore.ts';
import { releaseFile } from '../release/make.ts';
import { withProvingDatabase } from '../release/prove-database.ts';
import { readWhere, WHERE_OPTIONS, type Where } from '../release/prove-where.ts';

export const schemaCommand: Command = {
  positional: null,
  options: {
    migrations: {
      value: 'DIR',
      help: 'the folder with VERSION.do.NAME.sql files, to which schema.txt is written (default: migrations in the checkout)',
    },
    ...WHERE_OPTIONS,
    page: { value: 'FILE', help: 'write also a page of Markdown: tables, columns, comments, relations' },
    check: { help: 'write nothing, and fail when the files are not what would be written' },
  },
  exits: [
    { code: 0, when: 'written; with --check: current' },
    { code: EXIT_FAULT, when: 'a migration fails on an empty database; with --check: stale; or a fault of our own' },
    { code: EXIT_USAGE, when: 'wrong usage, a folder or prelude that cannot be read, or a server that cannot be used' },
    { code: 130, when: 'interrupted by Ctrl-C (129 hang-up, 143 SIGTERM)' },
  ],
  examples: [
    'carthub-db schema --page docs/schema.md',
    'carthub-db schema --check',
    'carthub-db schema --migrations ../shop/migrations --prelude platform.sql',
  ],
  async run(given, context) {
    const where = await readWhere(given, context);
    const named = given.text('migrations');
    const folder = named === null ? join(CHECKOUT, 'migrations') : resolve(context.cwd, named);
    const page = given.text('page');
    // Nothing here needs the rules; a file that no other command can read is told all the same.
    await readIgnoreRules(folder);
    const { document, version } = await newestSchema(folder, where, context);
    const files = [
      { path: schemaFile(folder), text: schemaText(document, version, where.prelude?.file ?? null) },
      ...(page === null ? [] : [{ path: resolve(context.cwd, page), text: renderPage(document) }]),
    ];
    if (!given.flag('check')) return write(files, version, context);
    const renew = again('schema', ['migrations', 'prelude', 'page', 'server'], { given, flags: '' });
    return compareWith(files, renew, context);
  },
};

type File = { path: string; text: string };

/** The schema that the files make. @throws what the first file that fails is refused with */
async function newestSchema(
  folder: string,
  where: Where,
  context: Context,
): Promise<{ document: SchemaDocument; version: number }> {
  const files = await Promise.all((await readMigrations(folder)).map(releaseFile));
  const texts = files.map(({ sql }) => sql);
  const document = await withProvingDatabase(where, { context, texts }, async ({ apply, read }) => {
    for (const file of files) await apply(file);
    return read();
  });
  return { document, version: files.at(-1)?.version ?? 0 };
}

async function write(files: readonly File[], version: number, { terminal }: Context): Promise<number> {
  for (const { path, text } of files) {
    const isNew = (await readIfThere(path)) !== text;
    if (isNew) await writeFile(path, text);
    terminal.out(`${path}: version ${version}, ${isNew ? 'written' : 'as it was'}.`);
  }
  return 0;
}

async function compareWith([schema, page]: readonly File[], renew: string, { terminal }: Context): Promise<number> {
  const stale: string[] = [];
  const found = schema === undefined ? null : await staleness(schema.path, schema.text);
  if (found !== null) {
    stale.push(`${schema?.path} is stale: ${found.why}.`);
    if (found.differences.length > 0)
      stale.push('(- should be there, + is there)', ...differenceLines(found.differences));
  }
  if (page !== undefined && (await readIfThere(page.path)) !== page.text) stale.push(`${page.path} is stale.`);
  terminal.out(stale.length === 0 ? 'Current.' : [...stale, `Make it anew: ${renew}`].join('\n'));
  return stale.length === 0 ? 0 : EXIT_FAULT;
}
