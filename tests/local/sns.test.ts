import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { createSns } from '../../local/sns/sns.ts';
import { signedFetch } from './signed-fetch.ts';
import { withEndpoint } from './with-endpoint.ts';

test('a message to a topic can be read from its file, and one to no topic is NotFound', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'carthub-db-sns-'));
  const sns = await createSns({ folder, account: '000000000000', region: 'eu-west-1', now: () => new Date(0) });
  await withEndpoint([sns], async (url) => {
    const send = (form: Record<string, string>) =>
      signedFetch(`${url}/`, {
        method: 'POST',
        service: 'sns',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ Version: '2010-03-31', ...form }).toString(),
      });
    const TopicArn = 'arn:aws:sns:eu-west-1:000000000000:alarms';
    expect((await send({ Action: 'Publish', TopicArn, Message: 'x' })).text).toContain('<Code>NotFound</Code>');
    expect((await send({ Action: 'CreateTopic', Name: 'alarms' })).text).toContain(`<TopicArn>${TopicArn}</TopicArn>`);
    const published = await send({ Action: 'Publish', TopicArn, Subject: 'a <b>', Message: 'one & two' });
    expect(published.text).toMatch(/<PublishResult><MessageId>[0-9a-f-]{36}<\/MessageId><\/PublishResult>/);
    expect((await send({ Action: 'ListTopics' })).text).toContain(`<member><TopicArn>${TopicArn}</TopicArn></member>`);
  });
  expect(JSON.parse(await readFile(join(folder, 'alarms.jsonl'), 'utf8'))).toEqual({
    MessageId: expect.any(String),
    at: '1970-01-01T00:00:00.000Z',
    Subject: 'a <b>',
    Message: 'one & two',
  });
  await rm(folder, { recursive: true });
});
