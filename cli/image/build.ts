import type { MigrationFile } from '../release/folder.ts';

export async function buildImage(_: { data: string; files: readonly MigrationFile[] }): Promise<string> {
  return '';
}
