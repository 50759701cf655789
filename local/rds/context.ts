import type { Tls } from '../certificates.ts';
import type { Network } from '../network/network.ts';
import type { Ports } from '../ports.ts';
import type { Service } from '../service.ts';
import type { Installation } from './engine/installation.ts';
import type { Hosts } from './hosts.ts';
import type { Inventory } from './inventory.ts';
import type { Pace } from './pace.ts';
import type { Works } from './works.ts';

export type RdsOptions = {
  /** Where everything of this service lies; PostgreSQL's user must be able to get there. */
  folder: string;
  /** Where child processes are written down. */
  processes: string;
  ports: Pick<Ports, 'claim' | 'forget'>;
  tls: Tls;
  /** The factor for every time that RDS takes of its own: the five minutes between two shipments of WAL, and so on. */
  timeScale: number;
  /** How long it takes for things, before `timeScale`; may be changed while it runs. */
  pace?: Pace;
  now: () => Date;
  region?: string;
  account?: string;
  /** Parameter groups that are there besides the default one, and what each sets. */
  parameterGroups?: Record<string, Record<string, string>>;
  /** Option groups and subnet groups that are there besides the default one. */
  optionGroups?: string[];
  subnetGroups?: string[];
  quotas?: Partial<Quotas>;
  /** Who decides which connections get in; without it all do. */
  network?: Network;
  /** The Secrets Manager that managed master passwords lie in; without it there are none. */
  secrets?: Service | null;
  /** One line of something that went wrong with nobody waiting for it. */
  say?: (line: string) => void;
};

export type Quotas = { DBInstances: number; ManualSnapshots: number /** In GiB. */; AllocatedStorage: number };

/** What every operation works with. */
export type Context = Required<Omit<RdsOptions, 'quotas'>> & {
  quotas: Quotas;
  installation: Installation;
  /** The password of the platform's superuser. */
  secret: string;
  inventory: Inventory;
  hosts: Hosts;
  works: Works;
};

/** `arn:aws:rds:REGION:ACCOUNT:KIND:NAME` */
export function arn({ region, account }: Pick<Context, 'region' | 'account'>, kind: string, name: string): string {
  return `arn:aws:rds:${region}:${account}:${kind}:${name}`;
}

/** Of a key that AWS manages for a service; `aws/rds`. */
export function keyArn({ region, account }: Pick<Context, 'region' | 'account'>, service: string): string {
  return `arn:aws:kms:${region}:${account}:key/aws-${service}`;
}
