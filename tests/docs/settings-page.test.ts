import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { SETTINGS_PAGE, withTables } from '../../docs/draw-settings.ts';
import { treatments } from '../../lib/restore/settings/fields.ts';

test('the page of settings has every field as the restore treats it: npm run draw', async () => {
  const page = await readFile(SETTINGS_PAGE, 'utf8');
  expect(page).toBe(withTables(page));
  for (const [field, { why }] of treatments) expect(page.split(`| \`${field}\` | ${why} |`)).toHaveLength(2);
});
