import { alteredByUs } from './author.ts';
import { EMPTY_TALLY, type Finding, type Tally } from './finding.ts';
import { hidden } from './hidden.ts';
import { differences, leavesShared } from './judge.ts';
import { type OwnWork, type Touch, touchOf } from './own-work.ts';
import type { Survey, SurveyedTable } from './table.ts';
import type { Counts } from './write-counts.ts';

/** Why it is not proved that replaying brings back everything that others wrote to a table. */
export type Doubt =
  | 'altered'
  | 'changed-by-both'
  | 'deleted-by-run'
  | 'foreign-ddl'
  | 'key-reused'
  | 'large-objects'
  | 'no-key'
  | 'not-compared'
  | 'other-database'
  | 'replaced-by-run'
  | 'unclear-author'
  | 'unlogged'
  | 'unreadable'
  | 'unwritable'
  | 'written-over';

export type TableVerdict = {
  table: string;
  /** Nothing doubtful: what others wrote is known to the row, and can be replayed. */
  proved: boolean;
  doubts: { doubt: Doubt; text: string }[];
  /** Rows of others to replay. */
  inserted: number;
  updated: number;
  deleted: number;
  /** Rows of which nobody can say what they should be. */
  conflicts: number;
  /** Whether these are all rows of others that are not replayed; else nobody knows how many there are. */
  counted: boolean;
};

export type Classification = {
  /** Whether everything that others wrote can be replayed. */
  proved: boolean;
  /** Tables in which anything is to be said, in the survey's order. */
  tables: TableVerdict[];
  /** What others wrote and the copy lacks, beyond doubt. */
  replayable: Finding[];
  /** The rest, each with the reason. */
  conflicts: { finding: Finding; doubt: Doubt }[];
  /** Doubts that are about no table. */
  beside: { doubt: Doubt; text: string }[];
  notes: string[];
};

/**
 * Says of every table whether what was found in it is all that others wrote. Pure, and careful: what is not known to be
 * theirs alone is a conflict.
 *
 * @param others     by table, how many rows others wrote since the restore point, as `countOthers` tells; a table that is not here is not known
 * @param foreignDdl objects that others made, changed or dropped meanwhile, as far as a comparison of schemas found them
 * @param otherDatabases databases of the same instance in which nobody looked
 */
export function classify(options: {
  survey: Survey;
  work: OwnWork;
  tallies: Readonly<Record<string, Tally>>;
  findings: readonly Finding[];
  others: Readonly<Record<string, Counts>>;
  foreignDdl?: readonly string[];
  otherDatabases?: readonly string[];
}): Classification {
  const { survey, work, tallies, findings, others, foreignDdl = [], otherDatabases = [] } = options;
  const byTable = Map.groupBy(findings, ({ table }) => table);
  const replayable: Finding[] = [];
  const conflicts: Classification['conflicts'] = [];
  const tables = survey.tables.flatMap((table) => {
    const found = byTable.get(table.label) ?? [];
    const tally = tallies[table.label] ?? EMPTY_TALLY;
    const touch = touchOf(work, table.label);
    const counted = others[table.label] ?? null;
    const evidence = { table, tally, touch, found, counted, byUs: alteredByUs(work, table), why: work.why };
    const doubts = doubtsAbout(evidence);
    const [first] = doubts;
    const doubted = found.map((finding) => ({ finding, doubt: doubtOf(finding, evidence) ?? first?.doubt ?? null }));
    const before = conflicts.length;
    for (const { finding, doubt } of doubted) {
      if (doubt === null) replayable.push(finding);
      else conflicts.push({ finding, doubt });
    }
    if (found.length === 0 && doubts.length === 0) return [];
    const count = (kind: Finding['kind']) => found.filter((one) => one.kind === kind && one.author !== 'ours').length;
    const own = conflicts.slice(before).filter(({ doubt }) => !doubts.some((one) => one.doubt === doubt));
    return [
      {
        ...{ table: table.label, proved: conflicts.length === before && doubts.length === 0 },
        doubts: [
          ...doubts,
          ...tellRows(
            own.map(({ doubt }) => doubt),
            work.why,
          ),
        ],
        ...{ inserted: count('insert'), updated: count('update'), deleted: count('delete') },
        conflicts: conflicts.length - before,
        counted: doubts.every(({ doubt }) => doubt === 'unwritable'),
      },
    ];
  });
  const beside = [
    ...(survey.largeObjects === null ? [] : [{ doubt: 'large-objects' as const, text: survey.largeObjects }]),
    ...foreignDdl.map((object) => ({ doubt: 'foreign-ddl' as const, text: `Others changed ${object}.` })),
    ...otherDatabases.map((name) => ({
      doubt: 'other-database' as const,
      text: `The database ${name} lies on the same instance; nobody looked at what was written there.`,
    })),
  ];
  const proved = beside.length === 0 && tables.every((one) => one.proved);
  return { proved, tables, replayable, conflicts, beside, notes: survey.notes };
}

type Evidence = {
  table: SurveyedTable;
  tally: Tally;
  touch: Touch;
  found: readonly Finding[];
  /** Null: nobody knows how many rows others wrote. */
  counted: Counts | null;
  byUs: boolean;
  /** What is not known of our run, and why. */
  why: readonly string[];
};

/** What is doubtful about a table as a whole. */
function doubtsAbout(evidence: Evidence): TableVerdict['doubts'] {
  const { table, tally, touch, found, byUs, why } = evidence;
  const doubts: TableVerdict['doubts'] = [];
  const say = (doubt: Doubt, text: string) => doubts.push({ doubt, text });
  const replaced = touch.replaced === 'yes' || (touch.replaced === 'if-refiled' && table.refiled);
  if (table.side === 'live') {
    if (!byUs) say('foreign-ddl', 'Others made this table: the copy has not got it.');
    return doubts;
  }
  if (table.side === 'copy') {
    if (replaced) say('replaced-by-run', 'The run dropped this table; what others wrote to it before is gone.');
    else say('foreign-ddl', 'The live database has not got this table any more, and the run did not drop it.');
    return doubts;
  }
  if (table.unreadable !== null) say('unreadable', `It was not read: ${table.unreadable}.`);
  if (table.altered !== null && !byUs) say('foreign-ddl', `Others altered it: ${table.altered}.`);
  if (replaced)
    say('replaced-by-run', 'The run truncated or rewrote this table, so that nothing tells who wrote its rows.');
  if (touch.deleted !== 0) {
    const did = touch.deleted === null ? `may have deleted rows of it (${why.join('; ')})` : 'deleted rows of it';
    say('deleted-by-run', `The run ${did}; nothing tells them from those that others deleted.`);
  }
  if (table.unlogged && tally.liveRows > 0) {
    say('unlogged', `It is unlogged: a restore empties it, and it has ${tally.liveRows} rows.`);
  } else if (table.unreadable === null && (tally.compared === 'not-yet' || tally.compared === 'impossible')) {
    if (table.key === null) say('no-key', 'It has no key, and rows were written or deleted.');
    else say('not-compared', 'Its keys could not all be compared with the copy.');
  } else if (table.key === null && found.length > 0) say('no-key', 'It has no key, and rows were written.');
  if (table.unwritable !== null && found.length > 0)
    say('unwritable', `Rows cannot be replayed into it: ${table.unwritable}.`);
  doubts.push(...doubtsOfOwnRows(evidence));
  return doubts;
}

/** Rows that carry our ids must be as many as our run wrote, and hide nothing that others wrote before. */
function doubtsOfOwnRows(evidence: Evidence): TableVerdict['doubts'] {
  const { tally, touch } = evidence;
  const { ownNew, ownKept } = tally;
  const { inserted, updated } = touch;
  if (ownNew > 0 && inserted !== null && ownNew > inserted) {
    const text = `The run inserted ${inserted} rows, and ${ownNew} that the copy lacks carry its id: others inserted some before.`;
    return [{ doubt: 'written-over', text }];
  }
  if (ownKept > 0 && updated === 0) {
    return [{ doubt: 'key-reused', text: `The run inserted ${ownKept} rows under keys that the copy has, too.` }];
  }
  const text = hidden(evidence);
  return text === null ? [] : [{ doubt: 'written-over', text }];
}

/** Why this row may not be what others alone made of it; null when it surely is. */
function doubtOf(finding: Finding, { table, tally, touch }: Evidence): Doubt | null {
  const { kind, author, live, copy, filled = false } = finding;
  if (leavesShared(table, touch) && table.added) {
    // Each of our updates set the one column, so that what is in a row of ours is ours.
    return filled && !(author === 'ours' && table.added.length === 1) ? 'altered' : null;
  }
  if (author === 'ours') return 'written-over';
  if (author === 'unclear') return 'unclear-author';
  if (table.side === 'both' && table.altered !== null && (filled || !table.added)) return 'altered';
  if (kind === 'delete') {
    // A key that our run changed looks like a row that is gone.
    const keysKept = touch.updated === 0 || table.key?.columns.every((name) => touch.columns?.includes(name) === false);
    return keysKept ? null : 'changed-by-both';
  }
  if (isIntact(tally, touch)) return null;
  if (kind === 'insert' || live === null || copy === null) return 'changed-by-both';
  const differing = differences(table, live, copy);
  const apart = touch.columns !== null && !differing.some((name) => touch.columns?.includes(name));
  return apart ? null : 'changed-by-both';
}

/**
 * Whether every version of a row that our run wrote is still there. Then nobody wrote over one of them, and no row of others has
 * anything of ours in it.
 */
function isIntact({ ownNew, ownKept }: Tally, { inserted, updated }: Touch): boolean {
  return inserted !== null && updated !== null && ownNew + ownKept === inserted + updated;
}

const ROW_DOUBTS: Partial<Record<Doubt, string>> = {
  'written-over':
    'Rows that carry the id of the run differ from the copy in more than the run set: others wrote to them before.',
  'unclear-author': 'Rows were written while statements of the run had ids that are not known: they may be its own.',
  altered:
    'Others wrote rows into a table whose columns or key are not those of the copy, and what they wrote there would be lost or may be ours.',
  'changed-by-both': 'Others wrote rows that the run may have changed before.',
};

function tellRows(doubts: readonly Doubt[], why: readonly string[]): TableVerdict['doubts'] {
  return [...new Set(doubts)].map((doubt) => {
    const text = ROW_DOUBTS[doubt] ?? doubt;
    const isOfIds = doubt === 'unclear-author' && why.length > 0;
    return { doubt, text: isOfIds ? `${text.slice(0, -1)} (${why.join('; ')}).` : text };
  });
}
