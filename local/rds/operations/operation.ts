import type { Reply } from '../../service.ts';
import type { Context } from '../context.ts';
import type { Input } from '../input.ts';

/** One call of the API: checks everything, notes what is wanted on the records, and begins the rest. */
export type Operation = (context: Context, input: Input) => Promise<Reply['body']>;
