import type { Node } from 'libpg-query';
import { parse } from './parse.ts';

/**
 * What the statements of a file drop or rename, by names without schemas: an object that a file drops and makes again is the
 * file's own when it is not there. What a statement puts together at run time (EXECUTE in a DO block) is not known.
 */
export async function droppedNames(sql: string): Promise<string[]> {
  const names: string[] = [];
  for await (const parsed of parse(sql)) {
    if ('statement' in parsed && parsed.statement.tree !== null) names.push(...namesIn(parsed.statement.tree));
  }
  return names;
}

function namesIn(tree: Node): string[] {
  if ('DropStmt' in tree) return (tree.DropStmt.objects ?? []).flatMap(lastName);
  if ('RenameStmt' in tree) {
    const { subname, relation, object } = tree.RenameStmt;
    return [subname ?? relation?.relname ?? (object === undefined ? [] : lastName(object))].flat();
  }
  if (!('AlterTableStmt' in tree)) return [];
  return (tree.AlterTableStmt.cmds ?? []).flatMap((command) => {
    if (!('AlterTableCmd' in command)) return [];
    const { subtype, name } = command.AlterTableCmd;
    return name !== undefined && (subtype === 'AT_DropColumn' || subtype === 'AT_DropConstraint') ? [name] : [];
  });
}

/** The last part of a name, in each of the forms in which the grammar has names. */
function lastName(node: Node): string[] {
  if ('String' in node) return [node.String.sval ?? ''];
  if ('List' in node) return (node.List.items ?? []).slice(-1).flatMap(lastName);
  if ('ObjectWithArgs' in node) return (node.ObjectWithArgs.objname ?? []).slice(-1).flatMap(lastName);
  if ('TypeName' in node) return (node.TypeName.names ?? []).slice(-1).flatMap(lastName);
  return [];
}
