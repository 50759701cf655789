import type { Reply, ServiceError } from '../service.ts';
import { xmlDocument } from './xml.ts';

/** What goes over the wire in the end. */
export type Answer = { status: number; headers: Record<string, string>; body: string | Buffer };

const NAMESPACES: Record<string, string> = {
  rds: 'http://rds.amazonaws.com/doc/2014-10-31/',
  sts: 'https://sts.amazonaws.com/doc/2011-06-15/',
  sns: 'http://sns.amazonaws.com/doc/2010-03-31/',
};

/** How a protocol writes a reply and an error. */
export type Dialect = {
  reply(reply: Reply, operation: string): Answer;
  error(error: ServiceError): Answer;
};

/**
 * The dialects of AWS: https://smithy.io/2.0/aws/protocols/. `contentType` is the request's, which tells JSON 1.0 from 1.1.
 */
export function dialect(options: {
  protocol: 'query' | 'json' | 'rest-json' | 's3';
  service: string;
  contentType: string;
  requestId: string;
}): Dialect {
  const { requestId } = options;
  switch (options.protocol) {
    case 'query':
      return query(NAMESPACES[options.service] ?? null, requestId);
    case 'json':
      return json(
        options.contentType.includes('json-1.0') ? 'application/x-amz-json-1.0' : 'application/x-amz-json-1.1',
      );
    case 'rest-json':
      return json('application/json');
    case 's3':
      return s3(requestId);
  }
}

function query(namespace: string | null, requestId: string): Dialect {
  const headers = { 'content-type': 'text/xml' };
  return {
    reply: ({ status = 200, headers: more, body }, operation) => ({
      status,
      headers: { ...headers, ...more },
      body: isRaw(body)
        ? body
        : xmlDocument(`${operation}Response`, namespace, {
            [`${operation}Result`]: body,
            ResponseMetadata: { RequestId: requestId },
          }),
    }),
    error: ({ code, message, status, fields }) => ({
      status,
      headers,
      body: xmlDocument('ErrorResponse', namespace, {
        Error: { Type: status < 500 ? 'Sender' : 'Receiver', Code: code, Message: message, ...fields },
        RequestId: requestId,
      }),
    }),
  };
}

function json(contentType: string): Dialect {
  const headers = { 'content-type': contentType };
  return {
    reply: ({ status = 200, headers: more, body }) => ({
      status,
      headers: { ...headers, ...more },
      body: isRaw(body) ? body : JSON.stringify(body),
    }),
    error: ({ code, message, status, fields }) => ({
      status,
      headers: { ...headers, 'x-amzn-errortype': code },
      body: JSON.stringify({ __type: code, message, ...fields }),
    }),
  };
}

function s3(requestId: string): Dialect {
  const headers = { 'content-type': 'application/xml' };
  return {
    reply: ({ status = 200, headers: more, body }) => ({
      status,
      headers: { ...headers, ...more },
      body: isRaw(body) ? body : '',
    }),
    error: ({ code, message, status, fields }) => ({
      status,
      headers,
      body: xmlDocument('Error', null, { Code: code, Message: message, ...fields, RequestId: requestId }),
    }),
  };
}

function isRaw(body: Reply['body']): body is Buffer | string {
  return typeof body === 'string' || Buffer.isBuffer(body);
}
