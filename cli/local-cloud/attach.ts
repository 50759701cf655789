import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { hasCode } from '../../embedded/error-code.ts';
import { type Cloud, cloudDescription } from './description.ts';

const health = z.object({ pid: z.int() });
const HEALTH_MS = 2_000;

/**
 * The local cloud that runs on `data`, or null. `cloud.json` outlives a killed cloud, and its port may be another
 * program's by now, so whoever answers there has to say that it is the one.
 */
export async function attach(data: string): Promise<Cloud | null> {
  const cloud = await readDescription(join(data, 'cloud.json'));
  if (cloud === null) return null;
  const answer = health.safeParse(await get(`${cloud.endpoint}/_health`));
  return answer.success && answer.data.pid === cloud.pid ? cloud : null;
}

async function readDescription(file: string): Promise<Cloud | null> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
  const parsed = cloudDescription.safeParse(json(text));
  return parsed.success ? parsed.data : null;
}

function get(url: string): Promise<unknown> {
  return new Promise((resolve) => {
    const call = request(url, { timeout: HEALTH_MS, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve(json(Buffer.concat(chunks).toString('utf8'))));
      response.on('error', () => resolve(null));
    });
    call.on('timeout', () => call.destroy());
    call.on('error', () => resolve(null));
    call.end();
  });
}

/** Null for what is no JSON: a file half written, an answer of somebody else. */
function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
