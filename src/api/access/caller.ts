import type { TokenRole } from '../../protocol/token-record.ts';

/** Who asks: the name of the token that was given. */
export interface Caller {
  readonly name: string;
  readonly role: TokenRole;
}
