import * as z from 'zod/mini';
import { bigint } from '../../postgres/columns.ts';
import { look } from './warning.ts';

/** On a standby the WAL is what it received; there nobody is behind it but its own standbys. */
const HERE = 'case when pg_is_in_recovery() then pg_last_wal_receive_lsn() else pg_current_wal_lsn() end';

export const replicationLag = look({
  about: 'replication lag',
  sql: `select name, bytes::text as bytes, seconds from (
      select coalesce(nullif(application_name, ''), client_addr::text, 'a replica') as name,
        pg_wal_lsn_diff(${HERE}, replay_lsn)::bigint as bytes, coalesce(extract(epoch from replay_lag), 0)::integer as seconds
      from pg_stat_replication
    ) replica where bytes >= $1 or seconds >= $2 order by 2 desc`,
  values: ({ lagBytes, lagSeconds }) => [lagBytes, lagSeconds],
  row: { name: z.string(), bytes: bigint, seconds: z.int() },
  tell: ({ name, bytes, seconds }) => ({
    object: name,
    message: `${name} is ${Math.round(bytes / (1 << 20))} MiB and ${seconds} s behind.`,
    remedy: 'Let it catch up before a migration that writes much; whoever reads from it sees old rows.',
  }),
});

/** It keeps WAL until somebody comes for it, and a restored copy has no such slot. */
export const idleSlots = look({
  about: 'idle replication slot',
  sql: `select slot_name::text as slot, slot_type as type, coalesce(pg_size_pretty(pg_wal_lsn_diff(${HERE}, restart_lsn)), '?') as kept
    from pg_replication_slots where not active and not temporary order by 1`,
  row: { slot: z.string(), type: z.string(), kept: z.string() },
  tell: ({ slot, type, kept }) => ({
    object: slot,
    message: `Nobody reads the ${type} replication slot ${slot}, for which the server keeps ${kept} of WAL.`,
    remedy: `Start its reader, or: select pg_drop_replication_slot('${slot}')`,
  }),
});

/** It writes by itself, also in a restored copy: two databases would then fetch the same changes. */
export const subscriptions = look({
  about: 'subscription',
  sql: `select quote_ident(subname) as name, subenabled as enabled from pg_subscription
    where subdbid = (select oid from pg_database where datname = current_database()) order by 1`,
  row: { name: z.string(), enabled: z.boolean() },
  tell: ({ name, enabled }) => ({
    object: name,
    message: `The subscription ${name} writes to this database by itself${enabled ? '' : ' as soon as it is enabled'}.`,
    remedy: `Before a restore: ALTER SUBSCRIPTION ${name} DISABLE`,
  }),
});
