import { collations } from './collations.ts';
import { columns } from './columns.ts';
import { constraints, domainConstraints } from './constraints.ts';
import { defaultPrivileges } from './default-privileges.ts';
import { foreignDataWrappers, servers, userMappings } from './foreign.ts';
import { indexes } from './indexes.ts';
import type { KindQuery } from './kind.ts';
import { accessMethods, conversions, languages, transforms } from './languages.ts';
import { casts, operatorClasses, operatorFamilies, operators } from './operators.ts';
import { policies } from './policies.ts';
import { publications, subscriptions } from './replication.ts';
import { aggregates, routines } from './routines.ts';
import { extensions, schemas } from './schemas.ts';
import { sequences } from './sequences.ts';
import { statistics } from './statistics.ts';
import { tables } from './tables.ts';
import {
  textSearchConfigurations,
  textSearchDictionaries,
  textSearchParsers,
  textSearchTemplates,
} from './text-search.ts';
import { eventTriggers, rules, triggers } from './triggers.ts';
import { compositeTypes, domains, types } from './types.ts';
import { views } from './views.ts';

/**
 * Everything that is read, parents before their parts. Left out of all kinds: what belongs to the cluster and not to the
 * database (roles, tablespaces, settings), security labels, and large objects, which are data.
 */
export const QUERIES: readonly KindQuery[] = [
  ...[schemas, extensions, accessMethods, languages, collations, conversions],
  ...[types, compositeTypes, domains, routines, aggregates],
  ...[operators, operatorFamilies, operatorClasses, casts, transforms],
  ...[textSearchParsers, textSearchTemplates, textSearchDictionaries, textSearchConfigurations],
  ...[foreignDataWrappers, servers, userMappings],
  ...[tables, views, sequences, statistics],
  ...[columns, constraints, domainConstraints, indexes, triggers, rules, policies],
  ...[eventTriggers, publications, subscriptions, defaultPrivileges],
];
