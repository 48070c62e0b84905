import { expect, test } from 'vitest';
import { z } from 'zod';
import { RecentRecords } from './recent-records.ts';

const SCHEMA = z.strictObject({ n: z.number(), list: z.array(z.string()), more: z.string().optional() });
const bytes = (text: string) => new TextEncoder().encode(text);

test('a record is read as its bytes say, whatever was read or written under its key before', () => {
  const records = new RecentRecords();
  const stored = records.write('a', { n: 1, list: ['x'], more: undefined }, SCHEMA);
  expect(new TextDecoder().decode(stored)).toBe('{"n":1,"list":["x"]}');
  expect(records.read('a', stored, SCHEMA)).toStrictEqual({ n: 1, list: ['x'] });
  expect(records.read('a', bytes('{"n":2,"list":[]}'), SCHEMA)).toStrictEqual({ n: 2, list: [] });
  expect(records.read('a', stored, SCHEMA)).toStrictEqual({ n: 1, list: ['x'] });
  expect(() => records.read('a', bytes('{"n":"2"}'), SCHEMA)).toThrow();
  expect(() => records.read('b', bytes('{'), SCHEMA)).toThrow();
});

test('what one has been given another is given as it was: nobody can change it', () => {
  const records = new RecentRecords();
  const given = { n: 1, list: ['x'] };
  const stored = records.write('a', given, SCHEMA);
  given.list.push('y');
  stored[0] = 0;
  const read = records.read('a', bytes('{"n":1,"list":["x"]}'), SCHEMA);
  expect(read).toStrictEqual({ n: 1, list: ['x'] });
  expect(() => read.list.push('z')).toThrow(TypeError);
});
