import { arn, type Context } from '../context.ts';
import { type Input, list, requiredText, tagList, takes } from '../input.ts';
import type { Tags } from '../instance.ts';
import { automatedBackupNotFound, instanceNotFound, invalidValue, snapshotNotFound } from '../refusals.ts';
import { automatedBackupArn } from '../wire.ts';
import type { Operation } from './operation.ts';

type Tagged = { tags: Tags; save: () => Promise<void> };

export const addTags: Operation = async (context, input) => {
  takes('AddTagsToResource', input, ['ResourceName', 'Tags']);
  const added = tagList(input);
  await change(context, input, (tags) => [
    ...tags.filter(({ Key }) => !added.some((tag) => tag.Key === Key)),
    ...added,
  ]);
  return {};
};

export const removeTags: Operation = async (context, input) => {
  takes('RemoveTagsFromResource', input, ['ResourceName', 'TagKeys']);
  const removed = list(input, 'TagKeys') ?? [];
  await change(context, input, (tags) => tags.filter(({ Key }) => !removed.includes(Key)));
  return {};
};

export const listTags: Operation = async (context, input) => {
  takes('ListTagsForResource', input, ['ResourceName', 'Filters']);
  return { TagList: { Tag: resource(context, input).tags } };
};

async function change(context: Context, input: Input, by: (tags: Tags) => Tags): Promise<void> {
  const found = resource(context, input);
  const changed = by(found.tags);
  found.tags.splice(0, found.tags.length, ...changed);
  await found.save();
}

function resource(context: Context, input: Input): Tagged {
  const { inventory } = context;
  const name = requiredText(input, 'ResourceName');
  const kind = ['db', 'snapshot', 'auto-backup'].find((each) => name.startsWith(arn(context, each, '')));
  if (kind === undefined)
    throw invalidValue(`The specified resource name does not match an RDS resource in this region: ${name}`);
  const identifier = name.slice(arn(context, kind, '').length);
  if (kind === 'db') {
    const instance = inventory.find(identifier);
    if (!instance) throw instanceNotFound(identifier);
    return { tags: instance.tags, save: () => inventory.save(instance) };
  }
  if (kind === 'auto-backup') {
    const owner = inventory.resources().find((each) => automatedBackupArn(context, each) === name);
    if (!owner) throw automatedBackupNotFound(name);
    return { tags: owner.backupTags, save: () => inventory.save(owner) };
  }
  const snapshot = inventory.findSnapshot(identifier);
  if (!snapshot) throw snapshotNotFound(identifier);
  return { tags: snapshot.tags, save: () => inventory.saveSnapshot(snapshot) };
}
