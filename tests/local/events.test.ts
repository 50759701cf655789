import { EventEmitter, once } from 'node:events';
import { expect, test } from '@jest/globals';
import type { CloudEvent } from '../../local/events/event.ts';
import { createEvents } from '../../local/events/events.ts';
import { compilePattern } from '../../local/events/pattern.ts';
import { ruleProperties, scheduleProperties } from '../../local/events/resources.ts';
import { parseSchedule } from '../../local/events/schedule.ts';
import { compileTargetInput } from '../../local/events/target-input.ts';
import { ServiceError } from '../../local/service.ts';

const event: CloudEvent = {
  version: '0',
  id: 'e1',
  'detail-type': 'Step Functions Execution Status Change',
  source: 'aws.states',
  account: '000000000000',
  time: '2026-01-02T03:04:05Z',
  region: 'eu-west-1',
  resources: ['arn:x', 'arn:y'],
  detail: { status: 'FAILED', stateMachineArn: 'arn:migrate', executionArn: 'arn:e:"1"', output: null, n: 3 },
};

/** Lends `use` an EventBridge whose starts are collected, and can be made to fail first. */
async function withEvents<T>(
  resources: { rules?: object[]; schedules?: object[] },
  use: (bridge: {
    publish(event: CloudEvent): void;
    open(): void;
    stop(): void;
    /** The next start that succeeds. */
    started(): Promise<{ stateMachineArn: string; input: string }>;
    failNext(times: number): void;
    said: string[];
  }) => Promise<T>,
): Promise<T> {
  const starts = new EventEmitter();
  const said: string[] = [];
  let failures = 0;
  const events = createEvents({
    rules: (resources.rules ?? []).map((rule) => ruleProperties.parse(rule)),
    schedules: (resources.schedules ?? []).map((schedule) => scheduleProperties.parse(schedule)),
    start(request) {
      failures -= 1;
      if (failures >= 0) throw new ServiceError('ServiceUnavailable', 'Not now.');
      starts.emit('start', request);
    },
    async invoke(arn, input) {
      failures -= 1;
      if (failures >= 0) throw new ServiceError('TooManyRequestsException', 'Not now.');
      starts.emit('start', { stateMachineArn: arn, input });
    },
    timeScale: 0.001,
    now: () => new Date(),
    say(line) {
      said.push(line);
      if (line.endsWith('giving up.')) starts.emit('start', 'gave up');
    },
  });
  try {
    return await use({
      ...events,
      started: async () => (await once(starts, 'start'))[0],
      failNext: (times) => {
        failures = times;
      },
      said,
    });
  } finally {
    events.stop();
  }
}

const rule = {
  Name: 'run-ended',
  EventPattern: {
    source: ['aws.states'],
    'detail-type': ['Step Functions Execution Status Change'],
    detail: { status: ['FAILED', 'ABORTED'], stateMachineArn: [{ prefix: 'arn:mig' }] },
  },
  Targets: [
    {
      Id: 'sweep',
      Arn: 'arn:sweep',
      RoleArn: 'arn:role',
      InputTransformer: {
        InputPathsMap: { execution: '$.detail.executionArn' },
        InputTemplate: '{"execution": <execution>}',
      },
      RetryPolicy: { MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: 3600 },
    },
  ],
};

test('a rule starts its target for the events that match, and for no others', async () => {
  await withEvents({ rules: [rule, { ...rule, State: 'DISABLED' }] }, async ({ publish, started }) => {
    const first = started();
    publish({ ...event, detail: { ...event.detail, status: 'SUCCEEDED' } });
    publish({ ...event, detail: { ...event.detail, stateMachineArn: 'arn:other' } });
    publish({ ...event, source: 'mine' });
    publish(event);
    expect(await first).toMatchObject({ stateMachineArn: 'arn:sweep', input: '{"execution": "arn:e:\\"1\\""}' });
  });
});

test('a target that cannot be started is tried again a bounded number of times, and each failure is told', async () => {
  await withEvents({ rules: [rule] }, async ({ publish, started, failNext, said }) => {
    failNext(2);
    publish(event);
    expect(await started()).toMatchObject({ stateMachineArn: 'arn:sweep' });
    expect(said).toEqual(Array(2).fill('run-ended could not start arn:sweep: Not now.; trying again.'));
    failNext(99);
    publish(event);
    expect(await started()).toBe('gave up');
    expect(said.slice(2)).toEqual([
      ...Array(2).fill('run-ended could not start arn:sweep: Not now.; trying again.'),
      'run-ended could not start arn:sweep: Not now.; giving up.',
    ]);
  });
});

test('a schedule of a rate fires at once and then at its scaled period, at most four times a second', async () => {
  const schedule = {
    Name: 'sweep',
    ScheduleExpression: 'rate(1 minute)',
    FlexibleTimeWindow: { Mode: 'OFF' },
    Target: { Arn: 'arn:sweep', Input: '{"at": "<aws.scheduler.scheduled-time>"}' },
  };
  await withEvents({ schedules: [schedule] }, async ({ open, started, stop }) => {
    const began = Date.now();
    const first = started();
    open();
    const { input } = await first;
    expect(JSON.parse(input).at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    await started();
    expect(Date.now() - began).toBeGreaterThanOrEqual(248);
    stop();
  });
});

test('a schedule invokes a function that is its target, and tries again when that is refused', async () => {
  const arn = 'arn:aws:lambda:eu-west-1:000000000000:function:measure';
  const hourly = {
    ...{ Name: 'hourly', ScheduleExpression: 'rate(1 hour)', FlexibleTimeWindow: { Mode: 'OFF' } },
    Target: { Arn: arn, Input: '{}' },
  };
  await withEvents({ schedules: [hourly] }, async ({ open, started, failNext, said }) => {
    failNext(1);
    const first = started();
    open();
    expect(await first).toEqual({ stateMachineArn: arn, input: '{}' });
    expect(said).toEqual([`hourly could not start ${arn}: Not now.; trying again.`]);
  });
});

test('patterns know exact values and prefixes, and lists in the event', () => {
  const matches = (pattern: object) => compilePattern(pattern, 'p')(event);
  expect(matches({ detail: { n: [2, 3] } })).toBe(true);
  expect(matches({ detail: { output: [null] } })).toBe(true);
  expect(matches({ resources: ['arn:y'] })).toBe(true);
  expect(matches({ detail: { status: [{ prefix: 'FAI' }] } })).toBe(true);
  expect(matches({ detail: { status: ['failed'] } })).toBe(false);
  expect(matches({ detail: { missing: ['x'] } })).toBe(false);
  expect(matches({ detail: { status: { deeper: ['x'] } } })).toBe(false);
  expect(() => compilePattern({ detail: { status: [{ 'anything-but': 'x' }] } }, 'rule')).toThrow(
    'rule.detail.status.0',
  );
  expect(() => compilePattern({ source: 'aws.states' }, 'rule')).toThrow('rule.source is neither');
});

test('inputs of targets are the event, a part, a constant, or a template', () => {
  const input = (fields: object) =>
    compileTargetInput({ Id: 't', Arn: 'a', ...fields }, 'place')(JSON.parse(JSON.stringify(event)));
  expect(JSON.parse(input({}))).toEqual(event);
  expect(input({ InputPath: '$.detail.n' })).toBe('3');
  expect(input({ Input: '{"a":1}' })).toBe('{"a":1}');
  const InputPathsMap = { e: '$.detail.executionArn', n: '$.detail.n', all: '$.resources', none: '$.detail.none' };
  const InputTemplate = '{"text": "run <e> <n>", "json": <all>, "e": <e>, "n": <n>, "none": <none>}';
  expect(JSON.parse(input({ InputTransformer: { InputPathsMap, InputTemplate } }))).toEqual({
    text: 'run arn:e:"1" 3',
    json: ['arn:x', 'arn:y'],
    e: 'arn:e:"1"',
    n: 3,
    none: null,
  });
  expect(() => input({ InputTransformer: { InputPathsMap: {}, InputTemplate: '<x>' } })).toThrow(
    'place.InputTransformer: <x> is not in InputPathsMap.',
  );
  expect(() => input({ Input: '1', InputPath: '$' })).toThrow('more than one');
});

test('cron follows the clock of its time zone', () => {
  const at = (expression: string, zone: string, moment: string) => {
    const schedule = parseSchedule(expression, zone, 's');
    return 'cron' in schedule && schedule.cron(new Date(moment));
  };
  expect(at('cron(30 2 * * ? *)', 'Europe/Berlin', '2026-07-01T00:30:00Z')).toBe(true);
  expect(at('cron(30 2 * * ? *)', 'Europe/Berlin', '2026-01-01T00:30:00Z')).toBe(false);
  expect(at('cron(30 2 * * ? *)', 'Europe/Berlin', '2026-01-01T01:30:00Z')).toBe(true);
  expect(at('cron(0 2,5 * * ? *)', 'Europe/Berlin', '2026-03-29T01:00:00Z')).toBe(false);
  expect(at('cron(0 2,5 * * ? *)', 'Europe/Berlin', '2026-03-29T03:00:00Z')).toBe(true);
  expect(at('cron(0/15 9-17 ? * MON-FRI *)', 'UTC', '2026-11-20T09:45:00Z')).toBe(true);
  expect(at('cron(0/15 9-17 ? * MON-FRI *)', 'UTC', '2026-11-21T09:45:00Z')).toBe(false);
  expect(at('cron(0 0 1,15 JAN,7 ? 2026)', 'UTC', '2026-07-15T00:00:00Z')).toBe(true);
  expect(at('cron(0 0 1,15 JAN,7 ? 2026)', 'UTC', '2027-07-15T00:00:00Z')).toBe(false);
});

test('a schedule that is none is refused by name', () => {
  for (const expression of [
    'rate(0 minutes)',
    'rate(5 weeks)',
    'cron(0 0 * * *)',
    'cron(0 0 * * * *)',
    'cron(60 0 * * ? *)',
    'cron(0 0 L * ? *)',
    'at(2026-01-01T00:00:00)',
  ]) {
    expect(() => parseSchedule(expression, 'UTC', 'night')).toThrow(/^night: /);
  }
  expect(() => parseSchedule('cron(0 0 * * ? *)', 'Europe/Atlantis', 'night')).toThrow(
    'no time zone "Europe/Atlantis"',
  );
  expect(() =>
    createEvents({
      rules: [],
      schedules: [
        scheduleProperties.parse({
          Name: 'night',
          ScheduleExpression: 'rate(1 day)',
          FlexibleTimeWindow: { Mode: 'OFF' },
          Target: { Arn: 'a', Input: '<aws.scheduler.execution-id>' },
        }),
      ],
      start: () => undefined,
      invoke: async () => undefined,
      timeScale: 1,
      now: () => new Date(),
      say: () => undefined,
    }),
  ).toThrow('night.Target.Input: the local cloud does not fill in <aws.scheduler.execution-id>.');
});
