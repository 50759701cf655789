import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { run } from '../../cli/run.ts';
import { VERBS } from '../../cli/verbs.ts';
import { testContext } from '../cli/context.ts';

test('migrations/schema.txt and docs/schema.md are what the migrations make; if not: npm run schema:expected', async () => {
  const { context, out, err } = testContext();
  const page = join(import.meta.dirname, '../../docs/schema.md');
  const code = await run(['schema', '--check', '--page', page], VERBS, context);
  expect({ code, said: [...out, ...err].join('\n') }).toEqual({ code: 0, said: 'Current.' });
});
