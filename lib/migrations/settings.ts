import type { FuncCall, Node } from 'libpg-query';
import type { Tree } from './tree.ts';

/** A setting that a statement changes. `value` is null for the default, and where only the server can know it. */
export type Setting = { name: string; value: string | null };

/** What a statement sets, by SET or by a call of `set_config` with a constant for a name. */
export function settingsIn(tree: Tree): Setting[] {
  const byCall = [...calls(tree)].flatMap(({ funcname, args = [] }) => {
    const called = text(funcname?.at(-1));
    const name = called === 'set_config' ? text(args[0]) : null;
    return name === null ? [] : [{ name: name.toLowerCase(), value: text(args[1]) }];
  });
  if (!('VariableSetStmt' in tree)) return byCall;
  const { name = '', args = [] } = tree.VariableSetStmt;
  return [...byCall, { name: name.toLowerCase(), value: args.map((arg) => text(arg) ?? '').join(', ') || null }];
}

function* calls(tree: unknown): Generator<FuncCall> {
  if (typeof tree !== 'object' || tree === null) return;
  for (const [key, value] of Object.entries(tree)) {
    if (key === 'FuncCall') yield value;
    yield* calls(value);
  }
}

/** A name, a string or a word, also with a cast around it. */
function text(node: Node | undefined): string | null {
  if (node === undefined) return null;
  if ('String' in node) return node.String.sval ?? null;
  if ('TypeCast' in node) return text(node.TypeCast.arg);
  if (!('A_Const' in node)) return null;
  const { sval, boolval, ival } = node.A_Const;
  if (sval) return sval.sval ?? '';
  if (boolval) return boolval.boolval ? 'on' : 'off';
  return ival ? `${ival.ival ?? 0}` : null;
}
