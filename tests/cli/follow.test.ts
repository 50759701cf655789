import { createServer, type Server } from 'node:http';
import { type GetExecutionHistoryCommandInput, type HistoryEvent, SFNClient } from '@aws-sdk/client-sfn';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { follow } from '../../cli/execution/follow.ts';
import type { History } from '../../cli/timeline/history.ts';
import type { Change } from '../../cli/timeline/step.ts';
import { recording } from './recording.ts';

const ROOT = 'arn:aws:states:eu-west-1:000000000000:execution:carthub-db-carthub-migrate:x';
const CHILD = 'arn:aws:states:eu-west-1:000000000000:execution:carthub-db-carthub-run-job:y';

/** Answers GetExecutionHistory as Step Functions does, newest first and in pages, of events that a test lets happen. */
let happened: Record<string, HistoryEvent[]>;
let asked: { arn: string; events: number }[];
let failing: number;
let beforeAnswer: () => void;
let server: Server;
let sfn: SFNClient;

beforeEach(async () => {
  happened = {};
  asked = [];
  failing = 0;
  beforeAnswer = () => undefined;
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      beforeAnswer();
      response.setHeader('content-type', 'application/x-amz-json-1.0');
      if (failing > 0) {
        failing -= 1;
        response.writeHead(503).end('{"__type": "ServiceUnavailable"}');
        return;
      }
      const input: GetExecutionHistoryCommandInput = JSON.parse(Buffer.concat(chunks).toString());
      const arn = input.executionArn ?? '';
      const newestFirst = (happened[arn] ?? []).toReversed();
      const from = Number(input.nextToken ?? 0);
      const events = newestFirst.slice(from, from + Math.min(input.maxResults ?? 100, 5));
      asked.push({ arn, events: events.length });
      const more = from + events.length < newestFirst.length ? { nextToken: `${from + events.length}` } : {};
      const wire = events.map((event) => ({ ...event, timestamp: (event.timestamp?.getTime() ?? 0) / 1000 }));
      response.end(JSON.stringify({ events: wire, ...more }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  sfn = new SFNClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
    maxAttempts: 1,
  });
});
afterEach(() => {
  sfn.destroy();
  server.close();
});

function followRoot(options: { patienceMs?: number; interrupted?: AbortSignal } = {}) {
  const told: string[] = [];
  const histories = new Map<string, History>();
  const onChanges = (changes: Change[]) =>
    told.push(...changes.map(({ what, step }) => `${what} ${step.machine}.${step.state}`));
  const followed = follow({
    ...{ sfn, execution: ROOT, onChanges, histories, pollMs: 5 },
    machineOf: (arn) => (arn === ROOT ? 'migrate' : 'run-job'),
    patienceMs: options.patienceMs ?? 1_000,
    interrupted: options.interrupted ?? new AbortController().signal,
  });
  return { followed, told, histories };
}

test('tells each change once and in order, those of the children included, and ends with the root', async () => {
  const root = recording();
  const child = recording();
  happened = { [ROOT]: root.events, [CHILD]: child.events };
  root.task(1, 2, 'AcquireLease');
  const turns = [
    () => root.child(3, 'RunJob', CHILD),
    () => child.task(4, 5, 'LaunchJob'),
    () => {
      child.add(6, 'ExecutionSucceeded');
      root.add(7, 'TaskSucceeded');
      root.exited(7, 'Task', 'RunJob');
      root.add(8, 'ExecutionSucceeded');
    },
  ];
  beforeAnswer = () => turns.length > 0 && asked.length % 3 === 2 && turns.shift()?.();
  const { followed, told, histories } = followRoot();
  expect((await followed).status).toBe('SUCCEEDED');
  expect(told).toEqual([
    'entered migrate.AcquireLease',
    'left migrate.AcquireLease',
    'entered migrate.RunJob',
    'entered run-job.LaunchJob',
    'left run-job.LaunchJob',
    'left migrate.RunJob',
  ]);
  expect([...histories.values()].map(({ machine, depth }) => [machine, depth])).toEqual([
    ['migrate', 0],
    ['run-job', 1],
  ]);
});

test('reads of a long history only what is new', async () => {
  const root = recording();
  happened = { [ROOT]: root.events };
  for (let at = 0; at < 20; at += 1) root.task(at, at, `State${at}`);
  let waited = 0;
  beforeAnswer = () => {
    if (asked.length > 20) waited += 1;
    if (waited === 10) root.add(30, 'ExecutionSucceeded');
  };
  const { followed, told } = followRoot();
  await followed;
  expect(told).toHaveLength(40);
  expect(asked.slice(-5).every(({ events }) => events <= 5)).toBe(true);
  const pagesAtFirst = Math.ceil(81 / 5);
  expect(asked.length).toBeLessThan(pagesAtFirst + 25);
});

test('bears answers that fail for a while, and no longer', async () => {
  const root = recording();
  happened = { [ROOT]: root.events };
  root.add(1, 'ExecutionSucceeded');
  failing = 5;
  await expect(followRoot().followed).resolves.toMatchObject({ status: 'SUCCEEDED' });
  failing = 1_000;
  await expect(followRoot({ patienceMs: 20 }).followed).rejects.toMatchObject({ name: 'ServiceUnavailable' });
});

test('ends at once when it is interrupted', async () => {
  happened = { [ROOT]: recording().events };
  const interruption = new AbortController();
  const { followed } = followRoot({ interrupted: interruption.signal });
  setTimeout(() => interruption.abort(new Error('enough')), 20);
  await expect(followed).rejects.toMatchObject({ name: 'AbortError' });
});
