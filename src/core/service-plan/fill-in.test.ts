import { expect, test } from 'vitest';
import { fillPlaceholders, fillTemplate } from './fill-in.ts';

test('placeholders of primitives are filled in; what nobody has given is named, once', () => {
  expect(fillPlaceholders('to <whom> at <rw_mgmt_ip>', { whom: 'you' })).toEqual({
    text: 'to you at <rw_mgmt_ip>',
    missing: [],
  });
  expect(fillPlaceholders('<a> <b> <a>', {})).toEqual({ text: '<a> <b> <a>', missing: ['a', 'b'] });
  expect(fillPlaceholders('at <rw_mgmt_ip>', { rw_mgmt_ip: '10.0.0.1' }).text).toBe('at 10.0.0.1');
});

test('what is filled in is text: it is not filled in again, and no name of an object is a value', () => {
  expect(fillPlaceholders('<a>', { a: '<b>', b: 'no' }).text).toBe('<b>');
  expect(fillPlaceholders('<constructor> <toString>', {}).missing).toEqual(['constructor', 'toString']);
  expect(fillTemplate('{{ a }} {{b}}', { a: '$& $1', b: '2' }).text).toBe('$& $1 2');
});

test('of templates only values are taken: blocks are named as missing', () => {
  expect(fillTemplate('{% for x in y %}{{ x }}{% endfor %}', {}).missing).toEqual([
    '{% for x in y %}',
    '{% endfor %}',
    'x',
  ]);
});
