import { EventEmitter, once } from 'node:events';
import type { RdsUser } from './rds-user.ts';

export type Writer = {
  /** Of each pair that is in: when it was begun, and when the server had said so. */
  pairs: { n: number; begun: number; done: number }[];
  /** Resolves when so many pairs are in. */
  wrote(count: number): Promise<void>;
  stop(): Promise<void>;
};

/** Writes pairs of rows that add up to nothing into the table `ledger`, until it is stopped. */
export async function writePairs(user: RdsUser, instance: string, writer: number): Promise<Writer> {
  const pairs: Writer['pairs'] = [];
  const written = new EventEmitter();
  const stop = await keepDoing(user, instance, async (query, n) => {
    const begun = Date.now();
    await query('insert into ledger values ($1::int, $2::int, $2), ($1, $2, -$2)', [writer, n]);
    pairs.push({ n, begun, done: Date.now() });
    written.emit('pair');
  });
  const wrote = async (count: number) => {
    while (pairs.length < count) await once(written, 'pair');
  };
  return { pairs, wrote, stop };
}

/** Does the same again and again in one session, and returns what stops it. */
export async function keepDoing(
  user: RdsUser,
  instance: string,
  work: (query: (sql: string, values?: unknown[]) => Promise<unknown>, n: number) => Promise<void>,
): Promise<() => Promise<void>> {
  const client = await user.connect(instance);
  let isStopped = false;
  const doing = (async () => {
    for (let n = 0; !isStopped; n += 1) await work((sql, values) => client.query(sql, values), n);
    await client.end();
  })();
  return () => {
    isStopped = true;
    return doing;
  };
}
