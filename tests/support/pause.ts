import type { TestCloud } from './cloud.ts';
import { until } from './until.ts';

/** Points at which a run can be held in the database, each a trigger that sleeps in the runner's own statement. */
export const POINTS = {
  'before a file': { table: 'journal', when: `new.state = 'transaction' and new.version = VERSION` },
  'before COMMIT': { table: 'schemaversion', when: 'new.version = VERSION' },
  'between two statements': {
    table: 'journal',
    when: `new.state = 'intent' and new.version = VERSION and new.step = 2`,
  },
  'in the second statement': {
    table: 'journal',
    when: `new.state = 'done' and new.version = VERSION and new.step = 2`,
  },
} as const;

export type Point = keyof typeof POINTS;

/** Makes the next run hold at `point` of the file of `version`. Our tables must be there already. */
export async function holdAt(cloud: TestCloud, point: Point, version: number): Promise<void> {
  const { table, when } = POINTS[point];
  await cloud.query(`
    create or replace function carthub_db.hold() returns trigger language plpgsql as $$
      begin perform pg_sleep(600); return new; end $$;
    create trigger hold before insert on carthub_db.${table} for each row
      when (${when.replace('VERSION', `${version}`)}) execute function carthub_db.hold()`);
}

/** Waits until a session of the runner sleeps in a statement with `text`; it also sleeps for a moment for its restore point. */
export async function held(cloud: TestCloud, text = 'into carthub_db.'): Promise<void> {
  await until('a held session', async () => {
    const found = await cloud.query(
      `select pid from pg_stat_activity where application_name like 'migrate-%' and wait_event = 'PgSleep' and query ilike '%' || $1 || '%'`,
      [text],
    );
    return found.length > 0;
  });
}

export async function letGo(cloud: TestCloud): Promise<void> {
  await cloud.query(`drop function if exists carthub_db.hold() cascade`);
}
