/** A parameter as DescribeDBParameters shows it. */
export type Parameter = {
  ParameterName: string;
  ParameterValue: string | undefined;
  Description: string;
  Source: 'user' | 'system' | 'engine-default';
  ApplyType: 'static' | 'dynamic';
  DataType: string;
  AllowedValues: string | undefined;
  IsModifiable: boolean;
  ApplyMethod: 'pending-reboot' | 'immediate';
};

export const DEFAULT_GROUP = 'default.postgres15';

const TYPES: Record<string, string> = { BOOLEAN: 'boolean', INTEGER: 'integer', REAL: 'float' };

/** What RDS sets for every instance of PostgreSQL 15, among it parameters of its own. */
const SYSTEM: Record<string, { value: string; type?: string; allowed?: string; description?: string }> = {
  'rds.accepted_password_auth_method': { value: 'md5+scram', allowed: 'md5+scram,scram' },
  'rds.force_autovacuum_logging_level': { value: 'warning' },
  'rds.force_ssl': {
    value: '1',
    type: 'boolean',
    allowed: '0,1',
    description: 'Force SSL connections.',
  },
  'rds.log_retention_period': { value: '4320', type: 'integer', allowed: '1440-10080' },
  'rds.logical_replication': { value: '0', type: 'boolean', allowed: '0,1' },
  'rds.restrict_password_commands': { value: '0', type: 'boolean', allowed: '0,1' },
  shared_preload_libraries: { value: 'pg_stat_statements' },
  ssl: { value: '1', type: 'boolean', allowed: '0,1' },
};

/**
 * All parameters of a group.
 *
 * @param described lines of `postgres --describe-config`: name, context, group, type, default, minimum, maximum, text
 * @param own what the group sets itself
 */
export function parametersOf(described: string[], own: Record<string, string>): Parameter[] {
  const engine = described.map((line) => {
    const [name = '', context = '', , type = '', , min = '', max = '', text = ''] = line.split('\t');
    return { name, isStatic: context === 'postmaster', type, allowed: min === '' ? undefined : `${min}-${max}`, text };
  });
  const platform = Object.keys(SYSTEM)
    .filter((name) => name.startsWith('rds.'))
    .map((name) => ({ name, isStatic: false, type: '', allowed: undefined, text: '' }));
  return [...engine, ...platform].map(({ name, isStatic, type, allowed, text }) => {
    const system = SYSTEM[name];
    return {
      ParameterName: name,
      ParameterValue: own[name] ?? system?.value,
      Description: system?.description ?? text,
      Source: name in own ? 'user' : system ? 'system' : 'engine-default',
      ApplyType: isStatic ? 'static' : 'dynamic',
      DataType: system?.type ?? TYPES[type] ?? 'string',
      AllowedValues: system?.allowed ?? allowed,
      IsModifiable: true,
      ApplyMethod: isStatic ? 'pending-reboot' : 'immediate',
    };
  });
}

/** Whether a group keeps connections without TLS out; the default does since PostgreSQL 15. */
export function forcesTls(own: Record<string, string>): boolean {
  return (own['rds.force_ssl'] ?? SYSTEM['rds.force_ssl']?.value) === '1';
}
