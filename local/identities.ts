/** Who can sign requests to a local cloud. The keys guard nothing: it listens on the loopback interface only. */
export type Identity = {
  accessKeyId: string;
  secretAccessKey: string;
  arn: string;
  /** The Kubernetes groups of its access entry; null when it has none. */
  groups: string[] | null;
};

/** The identities of an account: a person who may do everything, and the roles of what the stack deploys. */
export function identitiesOf(account: string): { person: Identity; functions: Identity; job: Identity } {
  const role = (name: string) => `arn:aws:sts::${account}:assumed-role/${name}/local`;
  return {
    person: {
      accessKeyId: 'local',
      secretAccessKey: 'local',
      arn: `arn:aws:iam::${account}:user/local`,
      groups: ['system:masters'],
    },
    // As ClusterAccessEntry in resources/roles.yml has it, so that a right that k8s/rbac.yaml lacks shows here too.
    functions: {
      accessKeyId: 'local-function',
      secretAccessKey: 'local',
      arn: role('carthub-db-functions'),
      groups: ['carthub-db-ops'],
    },
    job: { accessKeyId: 'local-job', secretAccessKey: 'local', arn: role('carthub-db-job'), groups: null },
  };
}
