import { createEndpoint } from '../../local/endpoint.ts';
import { createCallLog } from '../../local/faults/calls.ts';
import { createFaults } from '../../local/faults/faults.ts';
import type { Service, StreamingService } from '../../local/service.ts';

export const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };

// The SDK warns on the console of streams that it cannot send again.
const logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** The configuration that points any AWS client at `url`. */
export function clientOf(url: string) {
  return { endpoint: url, region: 'eu-west-1', credentials, maxAttempts: 1, logger };
}

/** Lends `use` an endpoint with these services on a port of its own. */
export async function withEndpoint<T>(
  services: (Service | StreamingService)[],
  use: (url: string) => Promise<T>,
): Promise<T> {
  const now = () => new Date();
  const said: string[] = [];
  const endpoint = createEndpoint({
    services,
    faults: createFaults(),
    calls: createCallLog(now),
    credentials,
    now,
    say: (line) => said.push(line),
  });
  await endpoint.listen(0);
  try {
    const value = await use(endpoint.url);
    if (said.length > 0) throw new Error(`The endpoint had faults of its own:\n${said.join('\n')}`);
    return value;
  } finally {
    await endpoint.close();
  }
}
