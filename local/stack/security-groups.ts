import * as z from 'zod/mini';
import type { Membership, SecurityGroup } from '../network/network.ts';
import type { Configuration } from './configuration.ts';
import { refusal } from './errors.ts';
import type { References } from './references.ts';
import type { Resource } from './resources.ts';

// Strict: a condition that is not known here would let in too many.
const ingress = z.strictObject({
  Description: z.optional(z.string()),
  IpProtocol: z.string(),
  FromPort: z._default(z.int(), -1),
  ToPort: z._default(z.int(), -1),
  CidrIp: z.optional(z.string().check(z.regex(/^\d+(\.\d+){3}\/\d+$/))),
  SourceSecurityGroupId: z.optional(z.string()),
});
const properties = z.object({ SecurityGroupIngress: z._default(z.array(ingress), []) });

/** The security groups of the stack, and those that its functions have. What goes out is not looked at. */
export function readNetwork(resources: Resource[], { provider }: Configuration, references: References): Membership {
  const groups = resources
    .filter(({ type }) => type === 'AWS::EC2::SecurityGroup')
    .map((resource) => readGroup(resource, references));
  const functions = references.resolve(provider.securityGroupIds, 'serverless.yml: provider.vpc.securityGroupIds');
  return { groups, functions: z.array(z.string()).parse(functions) };
}

function readGroup({ id: logicalId, place, properties: given }: Resource, references: References): SecurityGroup {
  const parsed = properties.safeParse(references.resolve(given, place));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw refusal(place, `${issue?.path.map(String).join('.')}: ${issue?.message}`);
  }
  const ingress = parsed.data.SecurityGroupIngress.map((rule) => ({
    protocol: rule.IpProtocol,
    from: rule.FromPort,
    to: rule.ToPort,
    cidr: rule.CidrIp ?? null,
    group: rule.SourceSecurityGroupId ?? null,
  }));
  return { id: String(references.resolve({ Ref: logicalId }, place)), logicalId, ingress };
}
