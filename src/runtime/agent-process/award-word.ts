import type { AclMessage } from '../../protocol/acl.ts';
import { AcceptSchema, LeaseSchema } from '../../protocol/contract-net.ts';
import type { AwardWord } from '../../protocol/site-link.ts';
import { AwardWordSchema } from '../../protocol/site-link.ts';

/** What a message that an agent sends says of an award that it gives; undefined: nothing. */
export function wordOf(message: AclMessage): AwardWord | undefined {
  const { performative, protocol, content, sender, receiver: holder } = message;
  if (performative === 'accept-proposal') {
    const accepted = AcceptSchema.safeParse(content);
    if (!accepted.success) return undefined;
    const { award, takesOver } = accepted.data;
    return AwardWordSchema.safeParse({
      kind: 'award-given',
      award,
      holder,
      ...(takesOver === undefined ? {} : { takesOver }),
    }).data;
  }
  if (protocol !== 'muster-lease') return undefined;
  const lease = LeaseSchema.safeParse(content);
  // Its holder may release it as well: what it has in force then is its own still, to be removed.
  if (!lease.success || lease.data.kind !== 'release' || !lease.data.award.startsWith(`${sender}.`)) {
    return undefined;
  }
  return AwardWordSchema.safeParse({ kind: 'award-over', award: lease.data.award }).data;
}
