/** One line of JSON, as CloudWatch Logs Insights reads it. `console.log` would put the time and the request before it. */
export function writeLine(fields: object): void {
  process.stdout.write(`${JSON.stringify(fields)}\n`);
}
