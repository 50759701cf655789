import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, type ScalarTag } from 'yaml';
import { hasCode } from '../../embedded/error-code.ts';
import type { Json } from '../stepfunctions/json.ts';
import { refusal } from './errors.ts';

/** The short forms of CloudFormation's functions, each read as its long form; who meets one decides what it means. */
const TAGS = [
  'Ref',
  'GetAtt',
  'Sub',
  'Split',
  'Join',
  'Select',
  'If',
  'ImportValue',
  'FindInMap',
  'Base64',
  'Cidr',
  'GetAZs',
];

const customTags = TAGS.flatMap((name) => {
  const key = name === 'Ref' ? name : `Fn::${name}`;
  const tag = `!${name}`;
  const scalar: ScalarTag = { tag, resolve: (text) => ({ [key]: text }) };
  return [
    scalar,
    { tag, collection: 'seq' as const, resolve: (items: { toJSON(): unknown }) => ({ [key]: items.toJSON() }) },
  ];
});

/** Reads a file of the service: YAML with CloudFormation's tags, or JSON. */
export function readDocument(root: string, file: string): Json {
  try {
    const text = readFileSync(join(root, file), 'utf8');
    return file.endsWith('.json') ? JSON.parse(text) : parse(text, { customTags });
  } catch (error) {
    if (hasCode(error, 'ENOENT')) throw refusal(file, 'there is no such file.');
    throw refusal(file, error instanceof Error ? error.message : String(error));
  }
}
