import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { jenkinsHash } from './jenkins-hash.ts';
import { FLOW_PARTS, partOf, shareFlows } from './share-flows.ts';

const units = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 12 });

describe('the shares of units', () => {
  test('are about equal, and each part is one unit’s', () => {
    for (const count of [2, 3, 8]) {
      const names = Array.from({ length: count }, (_, index) => `s/wall/vm/${index}`);
      const shares = shareFlows(names);
      expect(shares).toHaveLength(FLOW_PARTS);
      for (const name of names) {
        const part = shares.filter((each) => each === name).length / FLOW_PARTS;
        expect(part).toBeGreaterThan(0.6 / count);
        expect(part).toBeLessThan(1.5 / count);
      }
    }
  });

  test('do not depend on the order in which units are named', () => {
    fc.assert(
      fc.property(units, (names) => {
        expect(shareFlows(names.toReversed())).toEqual(shareFlows(names));
      }),
    );
  });

  test('change for nobody but the unit that comes or goes', () => {
    fc.assert(
      fc.property(units, fc.string({ minLength: 13, maxLength: 14 }), (names, other) => {
        const without = shareFlows(names);
        shareFlows([...names, other]).forEach((unit, part) => {
          if (unit !== other) expect(unit).toBe(without[part]);
        });
      }),
    );
  });
});

describe('the part of a flow', () => {
  test('is always the same, and flows of one user fall in many', () => {
    const flow = (port: number) => ({
      source: '10.0.0.1',
      destination: '10.0.0.9',
      ports: { source: port, destination: 80 },
    });
    expect(partOf(flow(40_000))).toBe(partOf(flow(40_000)));
    const parts = new Set(Array.from({ length: 1000 }, (_, index) => partOf(flow(40_000 + index))));
    expect(parts.size).toBeGreaterThan(200);
    expect(Math.max(...parts)).toBeLessThan(FLOW_PARTS);
  });

  test('without ports goes by the two addresses', () => {
    const from = (last: number) => partOf({ source: `10.0.0.${last}`, destination: '10.0.9.9' });
    expect(new Set(Array.from({ length: 200 }, (_, last) => from(last))).size).toBeGreaterThan(100);
  });
});

test('the hash is that of lookup3', () => {
  // Of Bob Jenkins' own driver5(); Linux begins with the same number.
  expect(jenkinsHash(new Uint8Array(), 0)).toBe(0xdeadbeef);
  expect(jenkinsHash(new Uint8Array(), 0xdeadbeef)).toBe(0xbd5b7dde);
  expect(jenkinsHash(new TextEncoder().encode('Four score and seven years ago'), 0)).toBe(0x17770551);
  expect(jenkinsHash(new TextEncoder().encode('Four score and seven years ago'), 1)).toBe(0xcd628161);
});
