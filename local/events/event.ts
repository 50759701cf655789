/** An event as EventBridge carries it (https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html). */
export type CloudEvent = {
  version: '0';
  id: string;
  'detail-type': string;
  source: string;
  account: string;
  time: string;
  region: string;
  resources: string[];
  detail: Record<string, unknown>;
};
