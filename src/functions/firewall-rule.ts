import { z } from 'zod';

const PROTOCOLS = ['tcp', 'udp', 'icmp'] as const;
const AddressSchema = z.union([z.ipv4(), z.cidrv4()]);

/** A rule in words: `accept|drop [tcp|udp|icmp] [from ADDRESS[/LENGTH]] [to ADDRESS[/LENGTH]] [port NUMBER[-NUMBER]]`. */
export interface FirewallRule {
  readonly verdict: 'accept' | 'drop';
  readonly protocol?: (typeof PROTOCOLS)[number];
  readonly from?: string;
  readonly to?: string;
  /** Of the destination. */
  readonly ports?: readonly [number, number];
}

/** Throws with what is not understood. */
export function readRule(text: string): FirewallRule {
  const words = text.trim().split(/\s+/);
  const verdict = words.shift();
  if (verdict !== 'accept' && verdict !== 'drop')
    throw new Error(`\`${text.slice(0, 80)}\`: a rule begins with accept or drop`);
  const wrong = (word: string | undefined) =>
    new Error(`\`${text.slice(0, 80)}\`: ${word ?? 'its end'} is not understood`);
  let rule: FirewallRule = { verdict };
  const protocol = PROTOCOLS.find((each) => each === words[0]);
  if (protocol !== undefined) {
    words.shift();
    rule = { ...rule, protocol };
  }
  while (words.length > 0) {
    const [word, value = ''] = words.splice(0, 2);
    if ((word === 'from' || word === 'to') && AddressSchema.safeParse(value).success)
      rule = { ...rule, [word]: value };
    else if (word === 'port') {
      const [, low, high = low] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(value) ?? [];
      const ports = [Number(low), Number(high)] as const;
      const sound = ports[0] >= 1 && ports[0] <= ports[1] && ports[1] <= 65_535;
      if (!sound || rule.protocol === undefined || rule.protocol === 'icmp') throw wrong(value);
      rule = { ...rule, ports };
    } else throw wrong(word);
  }
  return rule;
}

/** The rule as nft has it. */
export function nftRule({ verdict, protocol, from, to, ports }: FirewallRule): string {
  return [
    ...(from === undefined ? [] : [`ip saddr ${from}`]),
    ...(to === undefined ? [] : [`ip daddr ${to}`]),
    ...(protocol === undefined ? [] : [`ip protocol ${protocol}`]),
    ...(ports === undefined ? [] : [`${protocol} dport ${ports[0]}-${ports[1]}`]),
    'counter',
    verdict,
  ].join(' ');
}

/** In words again, always the same for the same rule. */
export function ruleText({ verdict, protocol, from, to, ports }: FirewallRule): string {
  return [
    verdict,
    ...(protocol === undefined ? [] : [protocol]),
    ...(from === undefined ? [] : [`from ${from}`]),
    ...(to === undefined ? [] : [`to ${to}`]),
    ...(ports === undefined ? [] : [`port ${ports[0] === ports[1] ? ports[0] : ports.join('-')}`]),
  ].join(' ');
}
