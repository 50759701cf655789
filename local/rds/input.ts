import * as z from 'zod/mini';
import { notImplemented } from '../service.ts';
import { type Tags, tags } from './instance.ts';
import { invalidValue, missingParameter } from './refusals.ts';
import { type SomeSettings, someSettings } from './settings.ts';

/** The parameters of one call. */
export type Input = Record<string, unknown>;

export function text(input: Input, name: string): string | null {
  const value = input[name];
  if (value === undefined) return null;
  if (typeof value !== 'string') throw invalidValue(`${name} is not a string.`);
  return value;
}

export function requiredText(input: Input, name: string): string {
  const value = text(input, name);
  if (value === null || value === '') throw missingParameter(name);
  return value;
}

export function flag(input: Input, name: string): boolean | null {
  const value = text(input, name);
  if (value === null) return null;
  if (value !== 'true' && value !== 'false') throw invalidValue(`${name} must be true or false, not ${value}.`);
  return value === 'true';
}

export function list(input: Input, name: string): string[] | null {
  const value = input[name];
  if (value === undefined) return null;
  if (value === '') return [];
  const parsed = z.array(z.string()).safeParse(value);
  if (!parsed.success) throw invalidValue(`${name} is not a list.`);
  return parsed.data;
}

export function tagList(input: Input): Tags {
  const value = input.Tags;
  if (value === undefined || value === '') return [];
  const parsed = tags.safeParse(value);
  if (!parsed.success) throw invalidValue('Tags is not a list of Key and Value.');
  return parsed.data;
}

const specifications = z.array(z.object({ ResourceType: z.literal('auto-backup'), Tags: tags }));

/** The tags of the automated backup; null where the call says nothing of them. */
export function backupTagList(input: Input): Tags | null {
  const value = input.TagSpecifications;
  if (value === undefined || value === '') return null;
  const parsed = specifications.safeParse(value);
  if (!parsed.success) throw invalidValue('TagSpecifications is not a list of ResourceType auto-backup and Tags.');
  return parsed.data.flatMap(({ Tags }) => Tags);
}

/**
 * What calls may say without effect, because nothing else is possible here; another value is refused by name. An
 * instance's port is that of its address, whatever the call says.
 */
const ONLY: Record<string, string> = {
  BackupTarget: 'region',
  EnableCustomerOwnedIp: 'false',
  LicenseModel: 'postgresql-license',
  MasterUserAuthenticationType: 'password',
  MultiTenant: 'false',
  UseDefaultProcessorFeatures: 'true',
};
export const HARMLESS = Object.keys(ONLY);

/** Refuses by name what the real call takes and this one would ignore. */
export function takes(operation: string, input: Input, names: readonly string[]): void {
  for (const [name, value] of Object.entries(input)) {
    if (!names.includes(name)) throw notImplemented('rds', `${operation} with ${name}`);
    if (ONLY[name] !== undefined && value !== ONLY[name]) {
      throw notImplemented('rds', `${operation} with ${name} ${JSON.stringify(value)}`);
    }
  }
}

/** Those of the settings in `names` that the call passes. */
export function settingsIn(input: Input, names: readonly string[]): SomeSettings {
  const passed = Object.fromEntries(Object.entries(input).filter(([name]) => names.includes(name)));
  const parsed = someSettings.safeParse(passed);
  if (!parsed.success) {
    throw invalidValue(parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
  }
  const { BackupRetentionPeriod: days } = parsed.data;
  if (days !== undefined && days > 35) {
    throw invalidValue(`Invalid backup retention period: ${days}. Must be between 0 and 35.`);
  }
  return parsed.data;
}

/** An identifier as RDS stores it: in lower case. In ARNs it is the last part. */
export function identifierIn(value: string): string {
  return value.toLowerCase().replace(/^arn:aws:rds:.*:(db|snapshot):/, '');
}

/** The name of a new instance or snapshot, checked. */
export function newIdentifier(input: Input, name: string, longest: number): string {
  const value = requiredText(input, name).toLowerCase();
  if (value.length <= longest && /^[a-z](-?[a-z0-9])*$/.test(value)) return value;
  throw invalidValue(
    `The parameter ${name} is not a valid identifier: ${value}. Identifiers must begin with a letter; must contain only ` +
      `ASCII letters, digits, and hyphens; must not end with a hyphen or contain two consecutive hyphens; and have at most ${longest} characters.`,
  );
}
