/** What a log line may hold besides its event: names, numbers and files, never SQL, which may hold people's data. */
export type Fields = Record<string, string | number | boolean | null>;

export type Log = (level: 'info' | 'warning' | 'error', event: string, fields?: Fields) => void;

/** One line of JSON for each event, on `write`, with `context` in every one. */
export function jsonLog(write: (line: string) => void, now: () => Date, context: Fields): Log {
  return (level, event, fields = {}) => {
    write(`${JSON.stringify({ at: now().toISOString(), level, event, ...context, ...fields })}\n`);
  };
}
