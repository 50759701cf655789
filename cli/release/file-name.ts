/** A migration file's name, taken apart. */
export type FileName = { file: string; version: number; action: 'do' | 'undo'; name: string };

/** Why a file's name is not one of a migration, and what it could be. */
export type BadName = { file: string; problem: string; remedy: string };

/**
 * Reads `NNN.do.name.sql` or `NNN.undo.name.sql` as postgrator does, and refuses what it would silently skip or misread:
 * `1e3` and `0x10` are numbers to it, `Do` and `up` make it skip the file, a quote in the name breaks its history row.
 * Null for files that are no migrations at all.
 */
export function readFileName(file: string): FileName | BadName | null {
  if (file.startsWith('.')) return null;
  if (/^\d[^/]*\.[cm]?js$/i.test(file)) {
    return { file, problem: 'migrations in JavaScript are not run', remedy: `Write its SQL as ${stem(file)}.sql.` };
  }
  if (!/\.sql$/i.test(file)) return null;
  const match = /^([0-9]+)\.(do|undo)(?:\.([A-Za-z0-9_-]+)(?:\.[A-Za-z0-9_-]+)*)?\.sql$/.exec(file);
  if (match === null) return { file, ...whatIsWrong(file) };
  const [, digits = '', action, name = ''] = match;
  const version = Number(digits);
  if (!Number.isSafeInteger(version)) {
    return {
      file,
      problem: `version ${digits} is too large`,
      remedy: `Use a number up to ${Number.MAX_SAFE_INTEGER}, for example 001 or 20260131093000.`,
    };
  }
  if (version === 0) {
    return { file, problem: 'version 0 is the empty database', remedy: 'Number the files from 1.' };
  }
  return { file, version, action: action === 'undo' ? 'undo' : 'do', name };
}

const GRAMMAR = 'VERSION.do.NAME.sql or VERSION.undo.NAME.sql';

function whatIsWrong(file: string): { problem: string; remedy: string } {
  const [version = '', action = '', ...rest] = file.slice(0, -4).split('.');
  if (!/^[0-9]+$/.test(version)) {
    const meant = ofOtherTools(file);
    if (meant !== null) return { problem: 'it is named as another tool has it', remedy: `Name it ${meant}.` };
    return {
      problem: `"${version}" is not a version of digits only`,
      remedy: `Name it ${GRAMMAR}, or keep SQL that is no migration in a sub-folder.`,
    };
  }
  if (action !== 'do' && action !== 'undo') {
    const meant = ACTIONS[action.toLowerCase()];
    const parts = meant === undefined ? [version, 'do', action, ...rest] : [version, meant, ...rest];
    return { problem: `"${action}" is neither do nor undo`, remedy: `Name it ${parts.join('.')}.sql.` };
  }
  if (!file.endsWith('.sql')) {
    return { problem: 'it does not end in .sql in small letters', remedy: `Name it ${file.slice(0, -4)}.sql.` };
  }
  const safe = rest.map((part) => part.replace(/[^A-Za-z0-9_-]+/g, '-').replace(/^-+|-+$/g, '')).filter(Boolean);
  return {
    problem: 'its name may hold letters, digits, - and _ only',
    remedy: `Name it ${[version, action, ...safe].join('.')}.sql.`,
  };
}

/** `000001_init.up.sql`, `V1__init.sql` (U for undo), `20240131_init.sql`: the same file by our grammar; null when it is none. */
function ofOtherTools(file: string): string | null {
  const [, letter, version, name = '', action] =
    /^([vu]?)(\d+)(?:__|[_-])(.+?)(?:\.(up|down|do|undo))?\.sql$/i.exec(file) ?? [];
  if (version === undefined) return null;
  const undoes = letter?.toLowerCase() === 'u' || /^(down|undo)$/i.test(action ?? '');
  const safe = name.replace(/[^A-Za-z0-9_-]+/g, '-').replace(/^-+|-+$/g, '');
  return [version, undoes ? 'undo' : 'do', ...(safe === '' ? [] : [safe]), 'sql'].join('.');
}

const ACTIONS: Record<string, 'do' | 'undo'> = { do: 'do', up: 'do', undo: 'undo', down: 'undo', rollback: 'undo' };

function stem(file: string): string {
  return file.replace(/\.[cm]?js$/i, '');
}
