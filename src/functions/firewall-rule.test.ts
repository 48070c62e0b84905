import { describe, expect, test } from 'vitest';
import { nftRule, readRule, ruleText } from './firewall-rule.ts';

describe('a rule of the firewall', () => {
  test.each([
    ['accept', 'counter accept'],
    ['drop icmp', 'ip protocol icmp counter drop'],
    [
      'accept tcp from 10.0.0.0/8 to 10.1.0.1 port 80',
      'ip saddr 10.0.0.0/8 ip daddr 10.1.0.1 ip protocol tcp tcp dport 80-80 counter accept',
    ],
    ['drop udp port 1000-2000', 'ip protocol udp udp dport 1000-2000 counter drop'],
  ])('%s', (text, nft) => {
    const rule = readRule(text);
    expect(nftRule(rule)).toBe(nft);
    expect(readRule(ruleText(rule))).toEqual(rule);
  });

  test.each([
    'allow tcp',
    'accept tcp port 0',
    'accept port 80',
    'drop tcp port 90-80',
    'accept from 10.0.0.1;reboot',
    'accept tcp port 80 }; add rule',
    'drop to',
  ])('refuses `%s`', (text) => {
    expect(() => readRule(text)).toThrow(/understood|begins/);
  });
});
