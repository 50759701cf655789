import type { Client, Connection, Submittable } from 'pg';

/** How far a text of several statements came: the server ends each with a command tag, in order. */
export type Progress = { completed: number };

/**
 * Sends `sql` as one simple query, which may hold many statements, and drops the rows that come back: a migration's
 * SELECT may have more of them than we have memory. `progress` counts the statements that ended, also when one fails:
 * an error without a position is then known to belong to the next.
 */
export function runText(client: Client, sql: string, progress: Progress = { completed: 0 }): Promise<void> {
  return new Promise((resolve, reject) => {
    client.query(new SimpleQuery(sql, progress, resolve, reject));
  });
}

/** What pg's client asks of the query that is under way (its `lib/query.js`); pg-cursor and pg-copy-streams do the same. */
class SimpleQuery implements Submittable {
  readonly text: string;
  private readonly progress: Progress;
  private readonly resolve: () => void;
  private readonly reject: (error: unknown) => void;

  constructor(text: string, progress: Progress, resolve: () => void, reject: (error: unknown) => void) {
    this.text = text;
    this.progress = progress;
    this.resolve = resolve;
    this.reject = reject;
  }

  submit(connection: Connection): null {
    connection.query(this.text);
    // Anything else would be taken for an error.
    return null;
  }

  handleRowDescription(): void {
    this.dropped();
  }

  handleDataRow(): void {
    this.dropped();
  }

  handleCopyData(): void {
    this.dropped();
  }

  handleCommandComplete(): void {
    this.progress.completed += 1;
  }

  handleEmptyQuery(): void {
    this.dropped();
  }

  /** COPY FROM STDIN has nothing to read from; its own error then follows. */
  handleCopyInResponse(connection: Connection & { sendCopyFail(message: string): void }): void {
    connection.sendCopyFail('A migration has no standard input.');
  }

  handleError(error: unknown): void {
    this.reject(error);
  }

  handleReadyForQuery(): void {
    this.resolve();
  }

  private dropped(): void {
    // Rows and their descriptions are for nobody.
  }
}
