import { compareWithCopy } from '../tests/support/schema-copies.ts';
import { SCHEMAS, startSchemaServer } from '../tests/support/schemas.ts';

/** Schemas of different style, each against its own copy by `pg_dump | psql`: `node bench/schema-dumps.ts`. */
const postgres = await startSchemaServer();
try {
  let found = 0;
  console.log('| schema | objects | differences |\n| --- | --- | --- |');
  for (const schema of SCHEMAS.keys()) {
    const { objects, comparison } = await compareWithCopy(postgres, schema);
    found += comparison.differences.length;
    console.log(`| ${schema} | ${objects} | ${comparison.differences.length} |`);
    for (const { what, kind, name } of comparison.differences) console.error(`${schema}: ${what} ${kind} ${name}`);
  }
  console.log(`\n${found} differences in ${SCHEMAS.size} schemas.`);
  process.exitCode = found === 0 ? 0 : 1;
} finally {
  await postgres.stop();
}
