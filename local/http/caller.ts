/**
 * The function that makes a call: SDKs name the application that they belong to in their user agent
 * (https://docs.aws.amazon.com/sdkref/latest/guide/feature-appid.html). Null for everybody else.
 */
export function callerOf(headers: Record<string, string>): string | null {
  return / app\/(\S+)/.exec(headers['user-agent'] ?? '')?.[1] ?? null;
}
