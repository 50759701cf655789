import * as z from 'zod/mini';

const text = z.string().check(z.minLength(1));

const environment = z.object({
  AWS_REGION: text,
  DATABASE: text,
  BUCKET: text,
  DB_INSTANCE: text,
  DB_SECRET_ARN: text,
  /** The security group that lets in nobody but the functions: of an instance that is frozen, restored, or retired. */
  OPS_SECURITY_GROUP: text,
  EKS_CLUSTER: text,
  NAMESPACE: text,
  SERVICE_ACCOUNT: text,
  /** The account of the Jobs that make and read backups. */
  BACKUP_SERVICE_ACCOUNT: text,
  /** The KMS key of the backups; the bucket's default without it. */
  BACKUP_KMS_KEY: z._default(z.string(), ''),
  /** What backups accept of the bucket by name. */
  BACKUP_ALLOWED: z._default(z.string(), ''),
  DEADLINE_SECONDS: z.coerce.number().check(z.int(), z.positive()),
  /** A file with the certificate authority of the database's server; without it the bundle of Amazon RDS counts. */
  PGSSLROOTCERT: z.optional(z.string()),
});

/** What the stack tells each function, from serverless.yml. Read once a container; a missing name fails its start. */
export const settings = environment.parse(process.env);
