import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, '../../migrations');
const NAME = /^(\d{3})\.(do|undo)\.([a-z0-9-]+)\.sql$/;

export type Migration = { version: number; name: string; do: string; undo: string };

/** The repository's own migrations, in order; a name outside the grammar or a file without its other half throws. */
export async function migrations(): Promise<Migration[]> {
  const names = (await readdir(FOLDER)).filter((name) => name.endsWith('.sql'));
  const halves = names.map((file) => {
    const [, version, direction, name] = NAME.exec(file) ?? [];
    if (version === undefined || name === undefined) throw new Error(`${file} is not named NNN.do|undo.name.sql`);
    return { file, version: Number(version), direction, name };
  });
  const half = async (version: number, direction: string, name: string) => {
    const found = halves.find((at) => at.version === version && at.direction === direction && at.name === name);
    if (found === undefined) throw new Error(`version ${version} has no ${direction} file named ${name}`);
    return readFile(join(FOLDER, found.file), 'utf8');
  };
  const found = await Promise.all(
    halves
      .filter((at) => at.direction === 'do')
      .map(async ({ version, name }) => ({
        version,
        name,
        do: await half(version, 'do', name),
        undo: await half(version, 'undo', name),
      })),
  );
  if (found.length * 2 !== names.length) throw new Error('an undo file stands alone');
  return found.sort((one, other) => one.version - other.version);
}
