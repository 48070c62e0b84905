import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { html, jsonForScript, tied } from './markup.ts';

describe('html', () => {
  it('escapes what is put in, and not what is markup already', () => {
    const inner = html`<b>${'<i>'}</b>`;
    expect(html`<p title="${`"'&`}">${inner}${[inner, 7, null, undefined]}</p>`.markup).toBe(
      '<p title="&quot;&#39;&amp;"><b>&lt;i&gt;</b><b>&lt;i&gt;</b>7</p>',
    );
  });

  it('lets no text begin a tag or end an attribute', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(html`${text}`.markup).not.toMatch(/[<>"']/);
      }),
    );
  });
});

describe('jsonForScript', () => {
  it('leaves nothing that could end a script, and the same data', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const { markup } = jsonForScript({ value, end: '</script><!--\u2028' });
        expect(markup).not.toMatch(/[<>&\u2028\u2029]/);
        expect(JSON.parse(markup)).toEqual(JSON.parse(JSON.stringify({ value, end: '</script><!--\u2028' })));
      }),
    );
  });
});

describe('tied', () => {
  it('keeps a number and its unit on one line', () => {
    expect(tied('1.01 s of 99 % and 3 more')).toBe('1.01\u00a0s of 99\u00a0% and 3\u00a0more');
  });
});
