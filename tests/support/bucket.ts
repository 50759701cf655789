import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import type { Documents } from '../../lib/documents/documents.ts';
import { createEndpoint } from '../../local/endpoint.ts';
import { createCallLog } from '../../local/faults/calls.ts';
import { createFaults, type Faults } from '../../local/faults/faults.ts';
import { createS3 } from '../../local/s3/s3.ts';
import { type Service, ServiceError } from '../../local/service.ts';

/** A bucket over the wire, and executions whose states a test sets. */
export type Bucket = {
  documents: Documents;
  sfn: SFNClient;
  faults: Faults;
  /** By ARN; what is not here does not exist. */
  executions: Map<string, { status: string; error?: string; cause?: string; stopDate?: number }>;
  close(): Promise<void>;
};

const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
const region = 'eu-west-1';

export async function openBucket(): Promise<Bucket> {
  const folder = await mkdtemp(join(tmpdir(), 'carthub-db-bucket-'));
  const now = () => new Date();
  const executions: Bucket['executions'] = new Map();
  const faults = createFaults();
  const endpoint = createEndpoint({
    services: [await createS3({ folder, account: '000000000000', region, now }), states(executions)],
    faults,
    calls: createCallLog(now),
    credentials,
    now,
  });
  await endpoint.listen(0);
  const s3 = new S3Client({ endpoint: endpoint.url, region, credentials, maxAttempts: 1 });
  await s3.send(new CreateBucketCommand({ Bucket: 'documents' }));
  return {
    documents: { s3, bucket: 'documents' },
    sfn: new SFNClient({ endpoint: endpoint.url, region, credentials }),
    ...{ faults, executions },
    async close() {
      s3.destroy();
      await endpoint.close();
      await rm(folder, { recursive: true });
    },
  };
}

function states(executions: Bucket['executions']): Service {
  return {
    name: 'states',
    protocol: 'json',
    async call({ operation, input }) {
      if (operation === 'ListExecutions')
        return { body: { executions: listed(executions, String(input.stateMachineArn)) } };
      const arn = String(input.executionArn);
      const found = executions.get(arn);
      if (!found) throw new ServiceError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
      return { body: { executionArn: arn, startDate: 0, ...found } };
    },
  };
}

function listed(executions: Bucket['executions'], machine: string): object[] {
  const prefix = `${machine.replace(':stateMachine:', ':execution:')}:`;
  const found = [...executions].filter(([arn]) => arn.startsWith(prefix));
  return found.map(([executionArn, one]) => ({
    ...{ executionArn, stateMachineArn: machine, name: executionArn.slice(prefix.length), startDate: 0 },
    ...one,
  }));
}
