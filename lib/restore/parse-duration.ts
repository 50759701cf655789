const UNITS: readonly [RegExp, number][] = [
  [/^s(ec|ecs|econd|econds)?$/, 1],
  [/^m(in|ins|inute|inutes)?$/, 60],
  [/^h(r|rs|our|ours)?$/, 3_600],
  [/^d(ay|ays)?$/, 86_400],
];

const PART = /(\d{1,7})\s*([a-z]+)\s*/giy;

/** The seconds of `90s`, `10m`, `1h30m`, `2 days`; null for anything else, a number without a unit included. */
export function parseDuration(text: string): number | null {
  const trimmed = text.trim();
  let seconds = 0;
  let at = 0;
  for (const match of trimmed.matchAll(PART)) {
    const [part, count = '', name = ''] = match;
    const unit = UNITS.find(([names]) => names.test(name.toLowerCase()));
    if (unit === undefined) return null;
    seconds += Number(count) * unit[1];
    at += part.length;
  }
  return at === trimmed.length && at > 0 ? seconds : null;
}
