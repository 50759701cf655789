/**
 * DISCARD ALL but for its last part, which would give up advisory locks, the run lock with all others
 * (https://www.postgresql.org/docs/15/sql-discard.html). RESET ALL goes back to what the connection began with.
 */
export const DISCARD_BUT_LOCKS = `
close all;
reset session authorization;
reset role;
reset all;
deallocate all;
unlisten *;
discard plans;
discard temp;
discard sequences`;
