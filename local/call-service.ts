import type { Service } from './service.ts';

/** Calls a service of the cloud from inside, past the endpoint. */
export async function callService(
  service: Service,
  operation: string,
  input: Record<string, unknown>,
): Promise<unknown> {
  const { body } = await service.call({
    operation,
    input,
    method: 'POST',
    path: '/',
    query: new URLSearchParams(),
    headers: {},
    body: Buffer.from(JSON.stringify(input)),
  });
  return body;
}
