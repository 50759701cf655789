/** One call as the log keeps it, in the order of arrival. `code` is null while it runs, `OK` or the error's code afterwards. */
export type LoggedCall = {
  service: string;
  operation: string;
  /** The function that made it; null for everybody else. */
  by: string | null;
  input: Record<string, unknown>;
  at: string;
  code: string | null;
};

const KEPT = 10_000;
const SECRET = /secret(string|binary)|password|token$|^body$/i;

/** The log of all calls, for tests that assert on their order. */
export type CallLog = {
  /** Adds a call and returns the function that completes it. */
  begin(call: Pick<LoggedCall, 'service' | 'operation' | 'input'> & { by?: string | null }): (code: string) => void;
  all(): LoggedCall[];
};

export function createCallLog(now: () => Date): CallLog {
  const calls: LoggedCall[] = [];
  return {
    begin({ service, operation, input, by = null }) {
      const call: LoggedCall = { service, operation, by, input: keyFields(input), at: now().toISOString(), code: null };
      calls.push(call);
      if (calls.length > KEPT) calls.shift();
      return (code) => {
        call.code = code;
      };
    },
    all: () => calls,
  };
}

/** Fields of the input that name what the call is about; no secrets, and nothing long. */
function keyFields(input: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(input).filter(
      ([name, value]) =>
        !SECRET.test(name) &&
        (typeof value === 'number' ||
          typeof value === 'boolean' ||
          (typeof value === 'string' && value.length <= 1024)),
    ),
  );
}
