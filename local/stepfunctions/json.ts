export type Json = null | boolean | number | string | Json[] | JsonObject;
export type JsonObject = { [name: string]: Json };

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** "Maximum input or output size for a task, state, or execution": 256 KiB of UTF-8 (service-quotas page of Step Functions). */
export const LARGEST_PAYLOAD = 262_144;

export function isTooLarge(text: string): boolean {
  return Buffer.byteLength(text) > LARGEST_PAYLOAD;
}
