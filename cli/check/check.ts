import { modeOf } from '../../lib/migrations/mode-of.ts';
import { holdsAt } from '../../lib/schema/checks/check.ts';
import type { Context } from '../command.ts';
import { readMigrations, readUndoFiles } from '../release/folder.ts';
import { readIgnoreRules } from '../release/ignore.ts';
import { releaseFile } from '../release/make.ts';
import { withProvingDatabase } from '../release/prove-database.ts';
import type { Where } from '../release/prove-where.ts';
import { Findings, type Step } from './findings.ts';
import { KnownSchemas } from './known.ts';
import { applyAll, type Trial, undoAndApply, undoBelow } from './passes.ts';
import { readChecks } from './read-checks.ts';
import type { CheckReport } from './report.ts';
import { readIfThere, schemaFile, schemaText, staleness } from './schema-file.ts';

export type CheckSettings = {
  migrations: string;
  where: Where;
  requireUndo: boolean;
  /** The command that makes the schema file anew. */
  renew: string;
};

/**
 * Tries a folder of migrations on a database of its own: applies every file and runs the checks at each version, undoes them all as far as there
 * are files for it, applies them again. Each version must have the same schema whichever way it is come to.
 *
 * @throws MigrationsFolderError, CheckFileError, IgnoreRulesError, DirectiveError, PreludeError, ProvingServerError
 */
export async function check(settings: CheckSettings, context: Context): Promise<CheckReport> {
  const { migrations, where, requireUndo, renew } = settings;
  const start = performance.now();
  const { steps, lonely } = await readSteps(migrations);
  const [checks, ignore] = await Promise.all([readChecks(migrations), readIgnoreRules(migrations)]);
  const file = schemaFile(migrations);
  const kept = await readIfThere(file);
  const version = steps.at(-1)?.version ?? 0;
  const findings = new Findings(steps);
  const known = new KnownSchemas(ignore);
  const texts = steps.flatMap(({ does, undoes }) => [does.sql, undoes?.sql ?? '']);

  const { terminal, interrupted } = context;
  const tell = (line: string) => interrupted.aborted || terminal.err(line);
  const onFile = (name: string) => terminal.live(interrupted.aborted ? null : `  ${name}`);
  const inDatabase = <T>(use: (trial: Trial) => Promise<T>) =>
    withProvingDatabase(where, { context, texts }, (database) =>
      use({ database, steps, checks, known, findings, onFile }),
    );

  const { server, applied } = await inDatabase(async (trial) => {
    const { database } = trial;
    const files = `${steps.length} ${steps.length === 1 ? 'file' : 'files'}`;
    tell(
      `Applying ${files} to an empty database of ${database.server}${checks.length > 0 ? ', with their checks' : ''}.`,
    );
    const applied = await applyAll(trial);
    if (applied === steps.length) {
      if (steps.some(({ undoes }) => undoes !== null)) tell('Undoing them, and applying them again.');
      await undoAndApply(trial, applied);
      const text = schemaText(known.newest, version, where.prelude?.file ?? null);
      const stale = kept === null ? null : await staleness(file, text);
      if (stale !== null) {
        const says = `${file} is stale: ${stale.why}. Make it anew: ${renew}`;
        findings.fail('schema.txt', version, says, { differences: stale.differences });
      }
    }
    return { server: database.server, applied };
  });
  // Each round tries at least one that none tried before.
  const untried = () =>
    steps.slice(0, applied).filter(({ version, undoes }) => undoes !== null && findings.isUntried(version)).length;
  for (let round = 0; round < MOST_ROUNDS && untried() > 0; round += 1) {
    await inDatabase((trial) => undoBelow(trial, applied));
  }
  terminal.live(null);

  const missing = steps.filter(({ undoes }) => undoes === null);
  const without = missing.length === 0 ? null : `No undo file for ${listed(missing.map(({ does }) => does.file))}.`;
  if (requireUndo && without !== null) findings.fail('undo', missing[0]?.version ?? 0, without);
  const idle = checks.filter((one) => ![0, ...steps.map((step) => step.version)].some((at) => holdsAt(one, at)));
  const { versions, failures } = findings;
  return {
    passed: failures.length === 0,
    ...{ folder: migrations, server, version, versions, failures },
    notes: [
      ...(requireUndo || without === null ? [] : [without]),
      ...lonely.map((name) => `${name} undoes a version that no file makes.`),
      ...idle.map((one) => `${one.file} holds at none of these versions, and so never ran.`),
    ],
    schemaFile:
      kept === null || applied < steps.length
        ? null
        : { file, current: !failures.some(({ during }) => during === 'schema.txt') },
    ms: Math.round(performance.now() - start),
  };
}

/** A database of its own for each undo file that fails would be too much of a good thing. */
const MOST_ROUNDS = 5;

async function readSteps(folder: string): Promise<{ steps: Step[]; lonely: string[] }> {
  const [files, undos] = await Promise.all([readMigrations(folder), readUndoFiles(folder)]);
  const steps = files.map(async (each): Promise<Step> => {
    const undo = undos.get(each.version);
    const sql = undo?.bytes.toString('utf8') ?? '';
    const undoes = undo === undefined ? null : { file: undo.file, sql, mode: await modeOf(undo.file, sql) };
    return { version: each.version, does: await releaseFile(each), undoes };
  });
  const versions = new Set(files.map(({ version }) => version));
  const lonely = [...undos.values()].filter(({ version }) => !versions.has(version)).map(({ file }) => file);
  return { steps: await Promise.all(steps), lonely };
}

const SHOWN = 10;

function listed(files: readonly string[]): string {
  const more = files.length - SHOWN;
  return `${files.slice(0, SHOWN).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
