import { addressInVpc, LOOPBACK } from './loopback.ts';

/** What a rule lets in, by address or by security group; ports as in the rule, -1 for all. */
export type Ingress = {
  protocol: string;
  from: number;
  to: number;
  cidr: string | null;
  group: string | null;
};

export type SecurityGroup = { id: string; logicalId: string; ingress: Ingress[] };

/** The security groups of a stack, and which of them its functions are members of. */
export type Membership = { groups: SecurityGroup[]; functions: string[] };

/** What decides who gets into an instance. */
export type Network = {
  /** The default group of the VPC, which instances have that were given none. It lets in its own members only: nobody here. */
  defaultGroup: string;
  /** Whether there is a security group of this id. */
  has(id: string): boolean;
  /** Whether something with these groups lets in a new connection from this loopback address. Groups add up. */
  admits(groups: string[], loopback: string): boolean;
};

export const DEFAULT_GROUP = 'sg-default';

/** PostgreSQL's port in rules; here every identifier has another one, which stands for it. */
const PORT = 5432;

/** A network without groups, in which everybody reaches everything: of an RDS that stands alone. */
export const openNetwork: Network = {
  defaultGroup: DEFAULT_GROUP,
  has: (id) => id.startsWith('sg-'),
  admits: () => true,
};

/** The network of a cloud; before `deploy` there is nothing in it but the default group. */
export function createNetwork(): Network & { deploy(membership: Membership): void } {
  let deployed: Membership = { groups: [], functions: [] };

  function lets({ protocol, from, to, cidr, group }: Ingress, loopback: string): boolean {
    const isPostgres = protocol === '-1' || (/^(tcp|6)$/.test(protocol) && from <= PORT && PORT <= to);
    if (!isPostgres) return false;
    const address = addressInVpc(loopback);
    if (cidr !== null) return address !== null && isWithin(address, cidr);
    return group !== null && loopback === LOOPBACK.functions && deployed.functions.includes(group);
  }

  return {
    defaultGroup: DEFAULT_GROUP,
    deploy(membership) {
      deployed = membership;
    },
    has: (wanted) => wanted === DEFAULT_GROUP || deployed.groups.some(({ id }) => id === wanted),
    admits: (ids, loopback) =>
      deployed.groups.some(({ id, ingress }) => ids.includes(id) && ingress.some((rule) => lets(rule, loopback))),
  };
}

function isWithin(address: string, cidr: string): boolean {
  const [base = '', bits = '32'] = cidr.split('/');
  const size = 2 ** (32 - Number(bits));
  return Math.floor(numberOf(address) / size) === Math.floor(numberOf(base) / size);
}

function numberOf(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}
