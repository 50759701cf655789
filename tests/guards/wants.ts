import { jest } from '@jest/globals';
import * as z from 'zod/mini';
import { deployedFunctions } from './stack.ts';

/**
 * What each function wants, as JSON Schema: the schema that it hands to `defineHandler`. Only that one function is replaced,
 * and only for the test file that calls this; nothing is run.
 */
export async function wanted(): Promise<Map<string, unknown>> {
  const schemas: z.ZodMiniType[] = [];
  jest.unstable_mockModule('../../functions/edge/handler.ts', () => ({
    defineHandler: (input: z.ZodMiniType) => schemas.push(input),
  }));
  Object.assign(process.env, SETTINGS);
  const found = new Map<string, unknown>();
  for (const [name, { handler }] of await deployedFunctions()) {
    await import(`../../${handler.replace(/\.handler$/, '')}.ts`);
    const schema = schemas.pop();
    if (schema === undefined) throw new Error(`${name} does not define its handler with defineHandler`);
    found.set(name, z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }));
  }
  return found;
}

/** The functions read these when they are loaded. */
const SETTINGS = {
  AWS_REGION: 'eu-west-1',
  DATABASE: 'carthub',
  BUCKET: 'bucket',
  DB_INSTANCE: 'carthub-db',
  DB_SECRET_ARN: 'arn',
  OPS_SECURITY_GROUP: 'sg-ops',
  EKS_CLUSTER: 'cluster',
  NAMESPACE: 'shopping-cart',
  SERVICE_ACCOUNT: 'database-migration',
  BACKUP_SERVICE_ACCOUNT: 'database-backup',
  DEADLINE_SECONDS: '60',
};
