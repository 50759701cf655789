import { KINDS, PART_KINDS } from '../lib/schema/kinds/kind.ts';
import { tryMutations } from '../tests/support/schema-mutation-runs.ts';
import { startSchemaServer } from '../tests/support/schemas.ts';

/**
 * Every kind of object dropped and altered, and whether the report names it and nothing that does not depend on it: `node
 * bench/schema-mutations.ts [all]`. With `all`, a row for each change.
 */
const postgres = await startSchemaServer();
try {
  const tried = await tryMutations(postgres);
  const kinds = [...KINDS, ...PART_KINDS].toSorted((a, b) => b.length - a.length);
  const kindOf = (object: string) => kinds.find((kind) => object.startsWith(`${kind} `)) ?? '?';
  const missed = tried.filter(({ problem }) => problem !== null);
  if (process.argv[2] === 'all') {
    console.log('| change | object | report |\n| --- | --- | --- |');
    for (const { sql, object, problem } of tried) {
      console.log(
        `| ${[sql, object, problem ?? 'names it'].map((cell) => cell.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|')).join(' | ')} |`,
      );
    }
  } else {
    console.log('| kind | changes | found |\n| --- | --- | --- |');
    for (const [kind, all] of Map.groupBy(tried, ({ object }) => kindOf(object))) {
      console.log(`| ${kind} | ${all.length} | ${all.filter(({ problem }) => problem === null).length} |`);
    }
  }
  for (const { sql, object, problem } of missed) console.error(`${object}, after ${sql}: ${problem}`);
  console.log(
    `\n${tried.length - missed.length} of ${tried.length} changes found, and nothing named beside them but what depends on them.`,
  );
  process.exitCode = missed.length === 0 ? 0 : 1;
} finally {
  await postgres.stop();
}
