import type { Page } from 'playwright-core';

/** Intervals between frames of a page, ms, while something was done in it. */
export interface Frames {
  readonly p50: number;
  readonly p95: number;
  readonly most: number;
  readonly count: number;
}

const BEGIN = `(() => {
  const frames = [];
  globalThis.musterFrames = frames;
  let last = performance.now();
  const step = (now) => { frames.push(now - last); last = now; globalThis.musterRaf = requestAnimationFrame(step); };
  globalThis.musterRaf = requestAnimationFrame((now) => { last = now; globalThis.musterRaf = requestAnimationFrame(step); });
})()`;
const END = `(() => { cancelAnimationFrame(globalThis.musterRaf); return globalThis.musterFrames; })()`;

/** What requestAnimationFrame tells in the page itself while `work` goes on. */
export async function framesDuring(page: Page, work: () => Promise<unknown>): Promise<Frames> {
  await page.evaluate(BEGIN);
  await work();
  const all = await page.evaluate<readonly number[]>(END);
  const sorted = all.toSorted((a, b) => a - b);
  const at = (share: number) =>
    Number((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(1));
  return { p50: at(0.5), p95: at(0.95), most: at(1), count: all.length };
}

/** Draws the slider of the time bar from one end to the other, a step with each frame, as a hand does. */
export function scrub(page: Page, steps: number): Promise<unknown> {
  return page.evaluate(`new Promise((done) => {
    const slider = document.querySelector('footer.time input[type=range]');
    const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set;
    const most = Number(slider.max);
    let step = 0;
    const go = () => {
      if (step > ${steps}) { done(); return; }
      set.call(slider, String(Math.round(most * Math.abs(1 - (2 * step) / ${steps}))));
      slider.dispatchEvent(new Event('input', { bubbles: true }));
      step++;
      requestAnimationFrame(go);
    };
    requestAnimationFrame(go);
  })`);
}
