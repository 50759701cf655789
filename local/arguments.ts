import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { LocalCloudStartError } from './errors.ts';

/** What the program of the local cloud was asked for. */
export type Arguments = {
  data: string;
  timeScale: number;
  port: number | null;
  params: Record<string, string>;
  untilStdinEnds: boolean;
};

const USAGE =
  'Use it as: node local/main.ts --data DIR [--time-scale F] [--port N] [--param NAME=VALUE]... [--until-stdin-ends]';
const TIME_SCALE = 0.02;

/** @throws LocalCloudStartError for anything that is not as the usage says */
export function readArguments(args: string[]): Arguments {
  try {
    const { values } = parseArgs({
      args,
      options: {
        data: { type: 'string' },
        'time-scale': { type: 'string' },
        port: { type: 'string' },
        param: { type: 'string', multiple: true, default: [] },
        'until-stdin-ends': { type: 'boolean', default: false },
      },
    });
    if (values.data === undefined) throw new Error('--data is missing');
    return {
      data: resolve(values.data),
      timeScale: numberIn('--time-scale', values['time-scale'], (scale) => scale > 0 && scale <= 1) ?? TIME_SCALE,
      port: numberIn('--port', values.port, (port) => Number.isInteger(port) && port > 0 && port < 65_536),
      params: Object.fromEntries(values.param.map(pair)),
      untilStdinEnds: values['until-stdin-ends'],
    };
  } catch (cause) {
    throw new LocalCloudStartError(cause instanceof Error ? cause.message : String(cause), { remedy: USAGE, cause });
  }
}

function numberIn(name: string, text: string | undefined, isGood: (value: number) => boolean): number | null {
  if (text === undefined) return null;
  const value = Number(text);
  if (text.trim() === '' || !isGood(value)) throw new Error(`${name} ${text} is not possible`);
  return value;
}

function pair(text: string): [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw new Error(`--param ${text} is not NAME=VALUE`);
  return [text.slice(0, at), text.slice(at + 1)];
}
