import { Agent, request } from 'node:https';
import * as z from 'zod/mini';
import { ServiceUnavailableError } from '../aws/transient.ts';
import { KubernetesForbiddenError, KubernetesRequestError, KubernetesUnauthorizedError } from './errors.ts';

/**
 * The few calls to the Kubernetes API that we make, over `node:https` with the cluster's own certificate authority.
 *
 * The official client was weighed and left out: it is 1.5 MB in each bundle against 0.3, takes 140 ms longer to load,
 * puts a response's headers into its error messages, and reports a network failure while reading a log as a 500.
 */
export type KubernetesClient = {
  /** Resolves to the status and the parsed body for 2xx, 404 and 409; throws a named error for all else. */
  call(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<Answer>;
};

export type Answer = { status: number; body: unknown };

const status = z.object({ message: z.optional(z.string()), reason: z.optional(z.string()) });

export function createKubernetesClient(options: {
  endpoint: string;
  /** The cluster's certificate authority, PEM. */
  ca: string;
  /** Mints a token; `fresh` when the last one was refused. */
  token: (fresh: boolean) => Promise<string>;
  timeoutMs: number;
}): KubernetesClient {
  const agent = new Agent({ ca: options.ca, keepAlive: true });
  const send = async (method: string, path: string, body: unknown, fresh: boolean): Promise<Answer> => {
    const bearer = await options.token(fresh);
    const text = body === undefined ? undefined : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const sent = request(
        new URL(path, options.endpoint),
        {
          method,
          agent,
          timeout: options.timeoutMs,
          headers: {
            authorization: `Bearer ${bearer}`,
            accept: 'application/json',
            'user-agent': 'carthub-db',
            ...(text === undefined
              ? {}
              : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
          },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', (cause) => reject(unreachable(options.endpoint, cause)));
          response.on('end', () => {
            const raw = Buffer.concat(chunks).toString();
            const isJson = response.headers['content-type']?.startsWith('application/json') ?? false;
            try {
              resolve({ status: response.statusCode ?? 0, body: isJson ? JSON.parse(raw) : raw });
            } catch (cause) {
              reject(unreachable(options.endpoint, cause));
            }
          });
        },
      );
      sent.on('timeout', () => sent.destroy(new Error(`no answer in ${options.timeoutMs} ms`)));
      sent.on('error', (cause) => reject(unreachable(options.endpoint, cause)));
      sent.end(text);
    });
  };
  return {
    async call(method, path, body) {
      const first = await send(method, path, body, false);
      const answer = first.status === 401 ? await send(method, path, body, true) : first;
      if (answer.status < 300 || answer.status === 404 || answer.status === 409) return answer;
      throw refusal(`${method} ${path}`, answer);
    },
  };
}

function unreachable(endpoint: string, cause: unknown): ServiceUnavailableError {
  const said = cause instanceof Error ? cause.message : String(cause);
  return new ServiceUnavailableError(`The Kubernetes API at ${endpoint} did not answer: ${said}`, {
    remedy: "See that the functions' security group reaches the cluster's endpoint on 443, and that the cluster is up.",
    cause,
  });
}

function refusal(what: string, answer: Answer): Error {
  const parsed = status.safeParse(answer.body);
  const said = parsed.success ? (parsed.data.message ?? parsed.data.reason ?? '') : String(answer.body).slice(0, 500);
  const message = `Kubernetes answered ${answer.status} to ${what}: ${said}`;
  if (answer.status === 401) {
    return new KubernetesUnauthorizedError(message, {
      remedy: 'Give the function role an access entry in the cluster: see ClusterAccessEntry in resources/roles.yml.',
    });
  }
  if (answer.status === 403) {
    return new KubernetesForbiddenError(message, { remedy: 'Apply the rights: kubectl apply -f k8s/rbac.yaml' });
  }
  if (answer.status === 429 || answer.status >= 500) {
    return new ServiceUnavailableError(message, { remedy: 'Try again; look at the cluster if it goes on.' });
  }
  return new KubernetesRequestError(message, { remedy: 'Compare the manifest with what the cluster admits.' });
}
