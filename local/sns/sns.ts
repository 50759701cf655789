import { randomUUID } from 'node:crypto';
import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { readDocuments, writeDocument } from '../documents.ts';
import { issuesOf } from '../issues.ts';
import { notImplemented, type Reply, type Service, ServiceError } from '../service.ts';

const topicDocument = z.object({ arn: z.string() });
const createTopic = z.object({ Name: z.string().check(z.regex(/^[A-Za-z0-9_-]{1,256}$/)) });
const publish = z.object({
  TopicArn: z.string(),
  Message: z.string().check(z.minLength(1)),
  Subject: z.optional(z.string().check(z.maxLength(100))),
});

/**
 * Simple Notification Service: topics, and their messages in `<folder>/<topic>.jsonl`, one a line, for whoever wants to read
 * what would have been sent. Nobody can subscribe.
 */
export async function createSns(options: {
  folder: string;
  account: string;
  region: string;
  now: () => Date;
}): Promise<Service> {
  await mkdir(options.folder, { recursive: true });
  const topics = new Set((await readDocuments(options.folder)).map((document) => topicDocument.parse(document).arn));

  return {
    name: 'sns',
    protocol: 'query',
    async call({ operation, input }): Promise<Reply> {
      switch (operation) {
        case 'CreateTopic': {
          const { Name } = parse(createTopic, input);
          const arn = `arn:aws:sns:${options.region}:${options.account}:${Name}`;
          await writeDocument(join(options.folder, `${Name}.json`), { arn });
          topics.add(arn);
          return { body: { TopicArn: arn } };
        }
        case 'ListTopics':
          return { body: { Topics: { member: [...topics].sort().map((TopicArn) => ({ TopicArn })) } } };
        case 'Publish': {
          const { TopicArn, Message, Subject } = parse(publish, input);
          if (!topics.has(TopicArn)) throw new ServiceError('NotFound', 'Topic does not exist', 404);
          const message = {
            MessageId: randomUUID(),
            at: options.now().toISOString(),
            Subject: Subject ?? null,
            Message,
          };
          await appendFile(join(options.folder, `${TopicArn.split(':').pop()}.jsonl`), `${JSON.stringify(message)}\n`);
          return { body: { MessageId: message.MessageId } };
        }
        default:
          throw notImplemented('sns', operation ?? '');
      }
    },
  };
}

function parse<S extends z.ZodMiniType>(schema: S, input: unknown): z.output<S> {
  const parsed = z.safeParse(schema, input);
  if (parsed.success) return parsed.data;
  throw new ServiceError('InvalidParameter', `Invalid parameter: ${issuesOf(parsed.error)}`);
}
