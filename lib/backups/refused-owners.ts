import { splitScript } from './globals.ts';

const KEPT = 8;
const COMMAND = 'Command was: ';

/**
 * Reads what pg_restore says on standard error, and keeps apart the owners that it could not give: a role that is no superuser may give a
 * table only to one who has CREATE on its schema, and the rights come last in an archive. The same statements work afterwards.
 *
 * @param onOther called with the first error of another kind
 */
export function readRefusedOwners(onOther: () => void) {
  const owners: string[] = [];
  const others: string[] = [];
  let said: string[] = [];
  let ignored = 0;
  const end = () => {
    const block = said;
    said = [];
    if (block.length === 0) return;
    const at = block.findIndex((line) => line.startsWith(COMMAND));
    const command = at < 0 ? '' : block.slice(at).join('\n').slice(COMMAND.length).trim();
    if (givesOwner(command)) {
      owners.push(command);
      return;
    }
    if (others.length < KEPT) others.push(block.slice(0, KEPT).join('\n'));
    onOther();
  };
  return {
    /** Takes a line. */
    read(line: string): void {
      if (line.startsWith('pg_restore: ')) end();
      if (line.startsWith('pg_restore: error: ') || said.length > 0) said.push(line);
      ignored = Number(/^pg_restore: warning: errors ignored on restore: (\d+)$/.exec(line)?.[1] ?? ignored);
    },
    /** The statements that were refused, when nothing else was; else null, and the first errors. */
    end(): { owners: string[] | null; others: string[] } {
      end();
      return { owners: others.length === 0 && ignored === owners.length ? owners : null, others };
    },
  };
}

function givesOwner(command: string): boolean {
  return /^ALTER [\s\S]* OWNER TO (?:"(?:[^"]|"")+"|[^\s;"]+);$/.test(command) && splitScript(command).length === 1;
}
