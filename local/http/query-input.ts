/**
 * The input of an AWS Query request (https://smithy.io/2.0/aws/protocols/aws-query-protocol.html): the dotted names `Tags.Tag.1.Key=a` become `{ Tags: [{ Key: 'a' }] }`. Values stay strings.
 */
export function queryInput(form: URLSearchParams): Record<string, unknown> {
  const root: Tree = new Map();
  for (const [name, value] of form) {
    if (name === 'Action' || name === 'Version') continue;
    const parts = name.split('.');
    const last = parts.pop() ?? '';
    let at = root;
    for (const part of parts) {
      const next = at.get(part);
      const tree = next instanceof Map ? next : new Map<string, Tree | string>();
      at.set(part, tree);
      at = tree;
    }
    at.set(last, value);
  }
  return Object.fromEntries([...root].map(([name, node]) => [name, plain(node)]));
}

type Tree = Map<string, Tree | string>;

function plain(node: Tree | string): unknown {
  if (typeof node === 'string') return node;
  const names = [...node.keys()];
  if (names.every((name) => /^\d+$/.test(name))) {
    return [...node].sort(([a], [b]) => Number(a) - Number(b)).map(([, child]) => plain(child));
  }
  const values = [...node].map(([name, child]): [string, unknown] => [name, plain(child)]);
  const [only] = values;
  // X.member.N and X.Name.N: the name in the middle is that of the list's elements and says nothing.
  if (values.length === 1 && only && Array.isArray(only[1])) return only[1];
  return Object.fromEntries(values);
}
