import { type Parsed, parse, type Statement } from '../migrations/parse.ts';
import { definedBy, readDo } from './code-facts.ts';
import { type Effect, type StatementFacts, type TextFacts, unknown } from './facts.ts';
import { collect, field, list, namesOf, rangeOf, relationOf, text } from './tree.ts';

/** Reads a migration's text; what cannot be read may do anything. Needs the grammar, but no database. */
export async function readFacts(sql: string): Promise<StatementFacts[]> {
  const facts: StatementFacts[] = [];
  for await (const parsed of parse(sql)) facts.push(await factsOf(parsed));
  return facts;
}

/** The facts of several statements as one. */
async function readJoined(sql: string): Promise<TextFacts> {
  const all = await readFacts(sql);
  return {
    effects: all.flatMap(({ effects }) => effects),
    functions: [...new Set(all.flatMap(({ functions }) => functions))],
  };
}

/** Statements that write no row of any table that was there before, but for what their text shows at some depth. */
const HARMLESS = new Set([
  ...['CreateStmt', 'IndexStmt', 'CreateSeqStmt', 'CreateEnumStmt', 'CommentStmt', 'GrantStmt', 'ViewStmt'],
  ...['CreateTrigStmt', 'CreateSchemaStmt', 'AlterEnumStmt', 'CreateTableAsStmt', 'SelectStmt', 'CallStmt'],
  ...['VacuumStmt', 'ReindexStmt', 'CompositeTypeStmt', 'CreateDomainStmt', 'AlterSeqStmt', 'CreateStatsStmt'],
  ...['InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt', 'RefreshMatViewStmt', 'AlterOwnerStmt'],
  ...['AlterFunctionStmt', 'LockStmt', 'NotifyStmt', 'ConstraintsSetStmt'],
]);

async function factsOf(parsed: Parsed): Promise<StatementFacts> {
  if ('unreadable' in parsed) return unknown('a text that is no SQL');
  const { tree } = parsed.statement;
  if (tree === null) return unknown('a statement too long to be read');
  const [kind = ''] = Object.keys(tree);
  if (kind === 'DoStmt') return readDo(parsed.statement, readJoined);
  if (kind === 'CreateFunctionStmt') {
    const body = await definedBy(parsed.statement, readJoined);
    return { effects: [], functions: [], ...(body === null ? {} : { defines: [body] }) };
  }
  return told(parsed.statement, kind);
}

function told({ tree, head }: Statement, kind: string): StatementFacts {
  const found: TextFacts = { effects: [], functions: [] };
  collect(tree, found);
  const statement = field(tree, kind);
  found.effects.push(...made(kind, statement));
  if (kind === 'AlterTableStmt' || kind === 'RenameStmt' || kind === 'TruncateStmt' || kind === 'DropStmt') {
    found.effects.push(...replaced(kind, statement));
  } else if (kind === 'VariableSetStmt') {
    // Whose triggers fire and which table a name means hangs on these.
    const name = text(field(statement, 'name'));
    if (!HARMLESS_SETTINGS.test(name)) return unknown(`SET ${name}`);
  } else if (!HARMLESS.has(kind)) return unknown(head);
  return { ...found, functions: [...new Set(found.functions)] };
}

const HARMLESS_SETTINGS = /^(lock_timeout|statement_timeout|maintenance_work_mem|work_mem|synchronous_commit)$/;

function made(kind: string, statement: unknown): Effect[] {
  if (kind === 'CreateStmt') return [{ does: 'make', to: relationOf(statement) }];
  if (kind === 'CreateTableAsStmt') return [{ does: 'make', to: rangeOf(field(field(statement, 'into'), 'rel')) }];
  const into = field(statement, 'intoClause');
  if (kind === 'SelectStmt' && into !== undefined) return [{ does: 'make', to: rangeOf(field(into, 'rel')) }];
  if (kind === 'CreateTrigStmt') {
    return [{ does: 'trigger', to: relationOf(statement), trigger: text(field(statement, 'trigname')) }];
  }
  return [];
}

function replaced(kind: 'AlterTableStmt' | 'RenameStmt' | 'TruncateStmt' | 'DropStmt', statement: unknown): Effect[] {
  if (kind === 'AlterTableStmt' || kind === 'RenameStmt') {
    const to = relationOf(statement);
    return to.name === '' ? [] : [{ does: 'replace', to }];
  }
  if (text(field(statement, 'behavior')) === 'DROP_CASCADE') return [{ does: 'anything', why: 'CASCADE' }];
  if (kind === 'TruncateStmt') {
    return list(field(statement, 'relations')).map((one) => ({ does: 'replace', to: rangeOf(field(one, 'RangeVar')) }));
  }
  if (text(field(statement, 'removeType')) !== 'OBJECT_TABLE') return [];
  return list(field(statement, 'objects')).map((one) => {
    const names = namesOf(one);
    return { does: 'replace', to: { schema: names.at(-2) ?? null, name: names.at(-1) ?? '' } };
  });
}
