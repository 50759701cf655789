import type pg from 'pg';

/** A client that writes as long as it lives, whatever happens to its sessions, and keeps a ledger of what was committed. */
export type Writer = {
  /** What the server said is committed. */
  ledger: number[];
  /** How often it was turned away. */
  refusals: () => number;
  stop(): Promise<void>;
};

/** It sets its sessions read-write, and comes back at once. */
export function startWriter(connect: () => Promise<pg.Client>, first: number): Writer {
  const ledger: number[] = [];
  let [isOver, refused, next] = [false, 0, first];
  async function write(): Promise<void> {
    while (!isOver) {
      let client: pg.Client | null = null;
      try {
        client = await connect();
        await client.query('set session characteristics as transaction read write');
        while (!isOver) {
          const n = next;
          next += 1;
          await client.query('insert into ledger values ($1)', [n]);
          ledger.push(n);
        }
      } catch {
        refused += 1;
        await new Promise((resolve) => setTimeout(resolve, 10));
      } finally {
        await client?.end().catch(() => undefined);
      }
    }
  }
  const written = write();
  return {
    ...{ ledger, refusals: () => refused },
    async stop() {
      isOver = true;
      await written;
    },
  };
}
