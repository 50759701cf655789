import { randomUUID } from 'node:crypto';
import type { CloudEvent } from '../events/event.ts';
import type { Description } from './description.ts';
import { redrive } from './service.ts';

/** "Step Functions Execution Status Change", with every field that the service sends, null where there is nothing. */
export function statusEvent(one: Description, where: { region: string; account: string; now: Date }): CloudEvent {
  const { redriveStatus, redriveStatusReason = null } = redrive(one);
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Step Functions Execution Status Change',
    source: 'aws.states',
    account: where.account,
    time: `${where.now.toISOString().slice(0, 19)}Z`,
    region: where.region,
    resources: [one.executionArn],
    detail: {
      executionArn: one.executionArn,
      stateMachineArn: one.stateMachineArn,
      name: one.name,
      status: one.status,
      startDate: one.startDate,
      stopDate: one.stopDate,
      input: one.input,
      output: one.output,
      inputDetails: { included: true },
      outputDetails: one.output === null ? null : { included: true },
      stateMachineVersionArn: null,
      stateMachineAliasArn: null,
      redriveCount: 0,
      redriveDate: null,
      redriveStatus,
      redriveStatusReason,
      error: one.error,
      cause: one.cause,
    },
  };
}
