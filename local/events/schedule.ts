import { refusal } from './errors.ts';

/** When a schedule fires. */
export type Schedule = { everyMilliseconds: number } | { cron: (at: Date) => boolean };

const UNITS: Record<string, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/**
 * `rate(value unit)` or `cron(minutes hours day-of-month month day-of-week year)`
 * (https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html).
 */
export function parseSchedule(expression: string, timeZone: string, place: string): Schedule {
  const rate = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression);
  if (rate) {
    const everyMilliseconds = Number(rate[1]) * (UNITS[rate[2] ?? ''] ?? 0);
    if (everyMilliseconds > 0) return { everyMilliseconds };
  }
  const fields = /^cron\((.*)\)$/.exec(expression)?.[1]?.split(/\s+/);
  if (fields?.length !== 6)
    throw refusal(`${place}: "${expression}" is neither rate(...) nor cron(...) of six fields.`);
  const tests = FIELDS.map((field, index) => compileField(fields[index] ?? '', field, `${place}: ${expression}`));
  if ((fields[2] === '?') === (fields[4] === '?')) {
    throw refusal(`${place}: in "${expression}" one of day-of-month and day-of-week must be "?".`);
  }
  const clock = clockIn(timeZone, place);
  return {
    cron(at) {
      const numbers = clock(at);
      return tests.every((test, index) => test(numbers[index] ?? -1));
    },
  };
}

type Field = { name: string; first: number; last: number; words: string[] };

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const FIELDS: Field[] = [
  { name: 'minutes', first: 0, last: 59, words: [] },
  { name: 'hours', first: 0, last: 23, words: [] },
  { name: 'day-of-month', first: 1, last: 31, words: [] },
  { name: 'month', first: 1, last: 12, words: MONTHS },
  { name: 'day-of-week', first: 1, last: 7, words: DAYS },
  { name: 'year', first: 1970, last: 2199, words: [] },
];

/** `*`, `?`, numbers, words, ranges, steps and lists of them; L, W and # are not there. */
function compileField(text: string, field: Field, place: string): (value: number) => boolean {
  const tests = text.split(',').map((part) => {
    const [range = '', step] = part.split('/');
    const [from = '', to] = range.split('-');
    const any = from === '*' || from === '?';
    const first = any ? field.first : numberOf(from, field, place);
    const last =
      any || (step !== undefined && to === undefined)
        ? field.last
        : to === undefined
          ? first
          : numberOf(to, field, place);
    const stride = step === undefined ? 1 : Number(step);
    if (!Number.isInteger(stride) || stride < 1) throw refusal(`${place}: "${part}" is no ${field.name}.`);
    return (value: number) => value >= first && value <= last && (value - first) % stride === 0;
  });
  return (value) => tests.some((test) => test(value));
}

function numberOf(text: string, field: Field, place: string): number {
  const word = field.words.indexOf(text.toUpperCase());
  const number = word >= 0 ? word + 1 : /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (number >= field.first && number <= field.last) return number;
  throw refusal(`${place}: "${text}" is no ${field.name}.`);
}

/** The fields of a moment as the clocks of a time zone show it. */
function clockIn(timeZone: string, place: string): (at: Date) => number[] {
  if (!Intl.supportedValuesOf('timeZone').includes(timeZone) && timeZone !== 'UTC') {
    throw refusal(`${place}: there is no time zone "${timeZone}".`);
  }
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    weekday: 'short',
  });
  return (at) => {
    const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, value]));
    const number = (name: Intl.DateTimeFormatPartTypes) => Number(parts.get(name));
    const weekday = DAYS.indexOf((parts.get('weekday') ?? '').toUpperCase()) + 1;
    return [number('minute'), number('hour'), number('day'), number('month'), weekday, number('year')];
  };
}
