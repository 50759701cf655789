import * as z from 'zod/mini';
import { planBackup } from '../lib/backups/plan-backup.ts';
import { documents } from './edge/documents.ts';
import { defineHandler } from './edge/handler.ts';
import { run } from './edge/state.ts';

export const handler = defineHandler(z.object({ run }), ({ run }) => planBackup(documents, run));
