import { createHash } from 'node:crypto';
import type { LinkId } from '../../protocol/ids.ts';
import { LinkIdSchema } from '../../protocol/ids.ts';

const MOST_OF_SERVICE = 24;
const MOST_OF_LINK = 20;
const MOST_OF_UNIT = 26;
const HASH_CHARS = 10;

/** What goes to a unit of a service over one of its virtual links, e.g. `shop/data>web/vm/0`. The same names give the same link. */
export function serviceLink(service: string, virtualLink: string, unit: string): LinkId {
  const [to, from] = [shortened(unit, MOST_OF_UNIT), shortened(virtualLink, MOST_OF_LINK)];
  return LinkIdSchema.parse(`${shortServiceName(service)}/${from}>${to}`);
}

/** What stands for a service in the names of its links (`serviceInLink`). */
export function shortServiceName(service: string): string {
  return shortened(service, MOST_OF_SERVICE, /[^\w.:-]/g);
}

/** What does not fit or cannot be said is told apart by a hash. */
function shortened(text: string, most: number, unsaid = /[^\w./-]/g): string {
  const plain = text.replace(unsaid, '-');
  if (plain === text && text.length <= most) return text;
  const hash = createHash('sha256').update(text).digest('hex').slice(0, HASH_CHARS);
  return `${plain.slice(0, most - HASH_CHARS - 1)}-${hash}`;
}
