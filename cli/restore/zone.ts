/** The time zone of whoever sits here, by the name that clocks are told with. */
export function zoneHere(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}
