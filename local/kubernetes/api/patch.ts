import { isRecord } from '../objects/decode.ts';
import { badRequest } from './status.ts';

/** RFC 7386: objects merge, `null` removes, everything else replaces. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch;
  const merged = isRecord(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else merged[key] = mergePatch(merged[key], value);
  }
  return merged;
}

/**
 * Lists whose items a strategic merge patch matches by a key instead of replacing the list, by the name of the list and of
 * what it stands in (`patchMergeKey` in the Go types); all others are atomic.
 */
const MERGE_KEYS: Record<string, string> = {
  'spec.containers': 'name',
  'spec.initContainers': 'name',
  'spec.volumes': 'name',
  'spec.imagePullSecrets': 'name',
  'containers.env': 'name',
  'containers.volumeMounts': 'mountPath',
  'containers.ports': 'containerPort',
  'metadata.ownerReferences': 'uid',
  '.secrets': 'name',
  '.imagePullSecrets': 'name',
};

/** Lists of plain values that grow instead of being replaced (`patchStrategy: merge` without a key). */
const MERGED_SETS = new Set(['metadata.finalizers']);

/**
 * Kubernetes' own patch format, which `kubectl apply` and `kubectl label` send: as {@link mergePatch}, but lists of named
 * items merge by name, and `$patch`, `$retainKeys`, `$setElementOrder/…` and `$deleteFromPrimitiveList/…` are obeyed.
 * https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md
 */
export function strategicMergePatch(target: unknown, patch: unknown, within = ''): unknown {
  if (!isRecord(patch)) return patch;
  const { $patch, $retainKeys, ...changes } = patch;
  if ($patch === 'replace') return changes;
  if ($patch !== undefined && $patch !== 'merge') throw badRequest(`unrecognized patch directive: ${$patch}`);
  const merged: Record<string, unknown> = isRecord(target) ? { ...target } : {};
  if (Array.isArray($retainKeys)) {
    for (const key of Object.keys(merged)) if (!$retainKeys.includes(key)) delete merged[key];
  }
  for (const [key, value] of Object.entries(changes)) {
    if (key.startsWith('$setElementOrder/')) continue;
    const deletedFrom = key.startsWith('$deleteFromPrimitiveList/') ? key.slice(key.indexOf('/') + 1) : null;
    if (deletedFrom !== null) merged[deletedFrom] = without(merged[deletedFrom], value);
    else if (value === null || (isRecord(value) && value.$patch === 'delete')) delete merged[key];
    else if (Array.isArray(value)) merged[key] = mergeList(merged[key], value, key, within);
    else merged[key] = strategicMergePatch(merged[key], value, key);
  }
  for (const [key, order] of Object.entries(changes)) {
    if (!key.startsWith('$setElementOrder/') || !Array.isArray(order)) continue;
    const list = key.slice(key.indexOf('/') + 1);
    const mergeKey = MERGE_KEYS[`${within}.${list}`];
    const current = merged[list];
    if (Array.isArray(current)) merged[list] = inOrder(current, order, mergeKey);
  }
  return merged;
}

function mergeList(target: unknown, patch: unknown[], key: string, within: string): unknown[] {
  const current = Array.isArray(target) ? target : [];
  const at = `${within}.${key}`;
  if (MERGED_SETS.has(at)) return [...new Set([...current, ...patch])];
  const mergeKey = MERGE_KEYS[at];
  if (mergeKey === undefined) return patch;
  if (patch.some((item) => isRecord(item) && item.$patch === 'replace')) {
    return patch.filter((item) => !isRecord(item) || item.$patch !== 'replace');
  }
  let list = [...current];
  for (const item of patch) {
    const named = isRecord(item) ? item[mergeKey] : undefined;
    const found = list.findIndex((each) => isRecord(each) && each[mergeKey] === named);
    if (isRecord(item) && item.$patch === 'delete') list = list.filter((_, i) => i !== found);
    else if (found < 0) list.push(strategicMergePatch({}, item, key));
    else list[found] = strategicMergePatch(list[found], item, key);
  }
  return list;
}

function without(list: unknown, values: unknown): unknown {
  return Array.isArray(list) && Array.isArray(values) ? list.filter((each) => !values.includes(each)) : list;
}

/** Those that the order names, in its order; then those that only the server has. */
function inOrder(list: unknown[], order: unknown[], mergeKey: string | undefined): unknown[] {
  const place = (item: unknown) => {
    const id = mergeKey !== undefined && isRecord(item) ? item[mergeKey] : item;
    const at = order.findIndex((each) => (mergeKey !== undefined && isRecord(each) ? each[mergeKey] : each) === id);
    return at < 0 ? order.length : at;
  };
  return list.toSorted((a, b) => place(a) - place(b));
}
