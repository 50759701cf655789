/** Whether `one` is an older minor version of the same major version as `other`: 15.4 and 15.18 are. */
export function isOlderMinor(one: string | undefined, other: string | undefined): boolean {
  const [[major, minor = 0] = [], [otherMajor, otherMinor = 0] = []] = [one, other].map(parts);
  return major !== undefined && major === otherMajor && minor < otherMinor;
}

function parts(version: string | undefined): number[] {
  return (version ?? '').split('.').map((part) => Number.parseInt(part, 10));
}
