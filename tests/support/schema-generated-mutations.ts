import type { SchemaDocument, SchemaObject, SchemaPart } from '../../lib/schema/document.ts';
import type { ObjectKind, PartKind } from '../../lib/schema/kinds/kind.ts';

type Mutation = [sql: string, object: string];

/** Every object dropped, and the first of every kind commented, given to another owner, and granted to somebody. */
export function generateMutations(document: SchemaDocument): Mutation[] {
  const objects = [...document.values()];
  const parts = objects.flatMap((owner) => owner.parts.map((part) => ({ owner, part })));
  return [
    ...objects.flatMap((object) => named(dropObject(object), object)),
    ...parts.flatMap(({ owner, part }) => named(dropPart(owner, part), part, owner)),
    ...firstOfKind(objects, ({ kind }) => kind).flatMap((object) => named(commentObject(object), object)),
    ...firstOfKind(parts, ({ owner, part }) => `${part.kind} of ${owner.kind}`).flatMap(({ owner, part }) =>
      named(commentPart(owner, part), part, owner),
    ),
    ...firstOfKind(objects.filter(canHaveOwner), ({ kind }) => kind).flatMap((object) =>
      named(`alter ${spoken(object)} owner to auditor`, object),
    ),
    ...firstOfKind(objects, ({ kind }) => kind).flatMap((object) => named(grant(object), object)),
  ];
}

function named(sql: string | null, { kind, name }: { kind: string; name: string }, owner?: SchemaObject): Mutation[] {
  return sql === null ? [] : [[sql, `${kind} ${owner ? `${owner.name}.` : ''}${name}`]];
}

function firstOfKind<T>(all: readonly T[], kind: (one: T) => string): T[] {
  return [...Map.groupBy(all, kind).values()].flatMap(([first]) => (first === undefined ? [] : [first]));
}

/** The object as SQL speaks of it. */
function spoken({ kind, name }: SchemaObject): string {
  if (kind === 'foreign-data wrapper') return `foreign data wrapper ${name}`;
  if (kind === 'user mapping') return `user mapping ${name.replace(' on ', ' server ')}`;
  return `${kind} ${name}`;
}

function dropObject(object: SchemaObject): string | null {
  if (object.kind === 'default privileges') return null;
  // A sequence behind an identity goes with its column only.
  if (object.lines.some((line) => line.startsWith('identity of'))) return null;
  const cascade = object.kind === 'user mapping' ? '' : ' cascade';
  return `drop ${spoken(object)}${cascade}`;
}

const INHERITED = /\binherited$|^partition of /;

function dropPart(owner: SchemaObject, { kind, name, lines }: SchemaPart): string | null {
  if (lines.some((line) => INHERITED.test(line)) || owner.lines.some((line) => line.startsWith('of '))) return null;
  if (kind === 'column' && isPartitionKey(owner, name)) return null;
  const drop: Record<PartKind, string | null> = {
    column: owner.kind.endsWith('view')
      ? null
      : `alter ${spoken(owner)} drop ${owner.kind === 'type' ? 'attribute' : 'column'} ${name} cascade`,
    constraint: `alter ${spoken(owner)} drop constraint ${name} cascade`,
    index: `drop index ${owner.name.split('.')[0]}.${name} cascade`,
    trigger: `drop trigger ${name} on ${owner.name}`,
    rule: `drop rule ${name} on ${owner.name}`,
    policy: `drop policy ${name} on ${owner.name}`,
  };
  return drop[kind];
}

/** Of a partitioned table: every key of its partitions is in its primary key. */
function isPartitionKey(owner: SchemaObject, column: string): boolean {
  if (!owner.lines.some((line) => line.startsWith('partition by '))) return false;
  const key = owner.parts.flatMap(({ lines }) => /^PRIMARY KEY \((.*)\)/.exec(lines[0] ?? '')?.[1]?.split(', ') ?? []);
  return key.includes(column);
}

function commentObject(object: SchemaObject): string | null {
  if (object.kind === 'user mapping' || object.kind === 'default privileges') return null;
  return `comment on ${spoken(object)} is 'Changed'`;
}

function commentPart(owner: SchemaObject, { kind, name }: SchemaPart): string {
  if (kind === 'column') return `comment on column ${owner.name}.${name} is 'Changed'`;
  if (kind === 'index') return `comment on index ${owner.name.split('.')[0]}.${name} is 'Changed'`;
  const on = kind === 'constraint' && owner.kind === 'domain' ? 'domain ' : '';
  return `comment on ${kind} ${name} on ${on}${owner.name} is 'Changed'`;
}

/** Kinds without an owner of their own, and those that only a superuser may own. */
const NO_OWNER: ReadonlySet<ObjectKind> = new Set([
  ...(['extension', 'cast', 'transform', 'access method', 'user mapping', 'default privileges'] as const),
  ...(['foreign-data wrapper', 'event trigger', 'publication', 'subscription'] as const),
]);

function canHaveOwner({ kind }: SchemaObject): boolean {
  return !NO_OWNER.has(kind);
}

function grant(object: SchemaObject): string | null {
  const on: Partial<Record<ObjectKind, string>> = {
    schema: `usage on schema`,
    table: 'select on',
    'foreign table': 'select on',
    view: 'select on',
    'materialized view': 'select on',
    sequence: 'select on sequence',
    function: 'execute on function',
    procedure: 'execute on procedure',
    aggregate: 'execute on function',
    type: 'usage on type',
    domain: 'usage on type',
    server: 'usage on foreign server',
    'foreign-data wrapper': 'usage on foreign data wrapper',
    language: 'usage on language',
  };
  const what = on[object.kind];
  return what === undefined ? null : `grant ${what} ${object.name} to auditor`;
}
