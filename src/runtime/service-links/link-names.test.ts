import { describe, expect, it } from 'vitest';
import { LinkIdSchema, RuleIdSchema, serviceInLink } from '../../protocol/ids.ts';
import { serviceLink, shortServiceName } from './link-names.ts';

const LONG = 'x'.repeat(128);

describe('the name of a virtual link towards a unit', () => {
  it('is made of those of service, link and unit', () => {
    expect(serviceLink('shop', 'data', 'web/vm/0')).toBe('shop/data>web/vm/0');
    expect(serviceInLink('shop/data>web/vm/0')).toBe('shop');
    expect(serviceInLink('s1>h1')).toBeUndefined();
  });

  it.each([
    ['long', LONG, LONG, `${LONG}/${LONG}/12`],
    ['strange', 'Shop_2.v:1', 'über/ä b', 'a,b(c)/v>m/0'],
  ])(
    'of %s names is a link all the same, which rules can be named after, and tells its service',
    (_, ...names) => {
      const link = serviceLink(...(names as [string, string, string]));
      expect(LinkIdSchema.safeParse(link).success).toBe(true);
      for (const rule of [`limit:${link}:255.255.255.255`, `block:${link}:255.255.255.255`])
        expect(RuleIdSchema.safeParse(rule).success).toBe(true);
      expect(serviceInLink(link)).toBe(shortServiceName(names[0]));
    },
  );

  it('is another for another service, link or unit, however alike their names begin', () => {
    const all = [
      serviceLink(`${LONG}1`, 'data', 'web'),
      serviceLink(`${LONG}2`, 'data', 'web'),
      serviceLink('shop', `${LONG}1`, 'web'),
      serviceLink('shop', `${LONG}2`, 'web'),
      serviceLink('shop', 'a b', 'web'),
      serviceLink('shop', 'a-b', 'web'),
      serviceLink('shop', 'data', `${LONG}1`),
      serviceLink('shop', 'data', `${LONG}2`),
    ];
    expect(new Set(all).size).toBe(all.length);
  });
});
