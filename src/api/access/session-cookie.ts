import { parseCookie } from 'cookie';

/** Pages of others cannot send it, for they are not asked whether they may: without it a cookie changes nothing. */
export const CONSOLE_HEADER = 'x-muster-console';

/** Browsers send a cookie to every port of a host: with the port in its name, two Musters on one machine leave each other's alone. */
export function cookieNameAt(host: string | undefined): string {
  const [, port = '80'] = /:(\d{1,5})$/.exec(host ?? '') ?? [];
  return `muster-session-${port}`;
}

/** What of a request says whose browser it comes from. */
export interface CookieHeaders {
  readonly cookie?: string | undefined;
  readonly host?: string | undefined;
}

/** The secret in a browser's cookie; empty: it has none. */
export function cookieOf({ cookie, host }: CookieHeaders): string {
  if (cookie === undefined || cookie.length > 8192) return '';
  return parseCookie(cookie)[cookieNameAt(host)] ?? '';
}
