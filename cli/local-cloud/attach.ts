import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import * as z from 'zod/mini';
import { hasCode } from '../../embedded/error-code.ts';
import { startTime } from '../../embedded/processes.ts';
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

const POLL_MS = 100;
const STARTING_MS = 60_000;

/**
 * The local cloud that another command is just starting on `data`; null when nobody has the folder.
 * To be asked for when a start of our own was refused because the folder is taken.
 */
export async function attachToStarting(data: string, interrupted: AbortSignal): Promise<Cloud | null> {
  for (let waited = 0; waited < STARTING_MS; waited += POLL_MS) {
    const cloud = await attach(data);
    if (cloud !== null) return cloud;
    const holder = health.safeParse(json((await readText(join(data, 'lock.json'))) ?? ''));
    if (!holder.success || startTime(holder.data.pid) === null) return null;
    await pause(POLL_MS, undefined, { signal: interrupted });
  }
  return null;
}

async function readDescription(file: string): Promise<Cloud | null> {
  const parsed = cloudDescription.safeParse(json((await readText(file)) ?? ''));
  return parsed.success ? parsed.data : null;
}

async function readText(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
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
