import type { Tls } from '../certificates.ts';
import type { Ports } from '../ports.ts';
import type { Remote } from './admission.ts';
import type { Installation } from './engine/installation.ts';
import type { Hosts } from './hosts.ts';
import type { Inventory } from './inventory.ts';
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
  now: () => Date;
  region?: string;
  account?: string;
  /** Parameter groups that are there besides the default one, and what each sets. */
  parameterGroups?: Record<string, Record<string, string>>;
  quotas?: Partial<Quotas>;
  admits?: (securityGroups: string[], remote: Remote) => boolean;
  /** One line of something that went wrong with nobody waiting for it. */
  say?: (line: string) => void;
};

export type Quotas = { DBInstances: number; ManualSnapshots: number };

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
