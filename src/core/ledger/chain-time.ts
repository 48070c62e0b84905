const DAY_S = 86_400;

/** A time of the chain (s since 1970, not negative) as ISO 8601 has it, in UTC. Here nothing may ask a clock, not even for its calendar. */
export function time(seconds: number): string {
  const day = Math.floor(seconds / DAY_S);
  const rest = seconds - day * DAY_S;
  const clock = [rest / 3600, (rest / 60) % 60, rest % 60].map((each) => two(Math.floor(each)));
  return `${date(day)}T${clock.join(':')}Z`;
}

/** Of days since 1970 in the Gregorian calendar: years are counted from March on, so that a leap day is the last of its year. */
function date(day: number): string {
  const shifted = day + 719_468;
  const era = Math.floor(shifted / 146_097);
  const ofEra = shifted - era * 146_097;
  const year = Math.floor(
    (ofEra - Math.floor(ofEra / 1460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365,
  );
  const ofYear = ofEra - (365 * year + Math.floor(year / 4) - Math.floor(year / 100));
  const march = Math.floor((5 * ofYear + 2) / 153);
  const month = march < 10 ? march + 3 : march - 9;
  const inMonth = ofYear - Math.floor((153 * march + 2) / 5) + 1;
  return `${String(year + era * 400 + (month <= 2 ? 1 : 0)).padStart(4, '0')}-${two(month)}-${two(inMonth)}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
