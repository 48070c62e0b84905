import { expect, type TestContext } from 'vitest';
import type { Report } from '../../../src/protocol/report.ts';
import { disturbanceInWords } from '../../../src/runtime/report/verdict.ts';

/**
 * Skips the test when the machine's host gave its processors to others during this run on real packets: what then fell short shows
 * nothing, either way. The reason is the measurement.
 */
export function skipIfDisturbed(report: Report, fellShort: string, { skip }: TestContext): void {
  const disturbance = disturbanceInWords(report);
  if (disturbance !== null) skip(`${report.scenario}: ${fellShort}. ${disturbance}`);
}

/** The run met every expectation, as its exit code says. */
export function expectAllMet(report: Report, code: unknown, context: TestContext): void {
  const left = report.expectations.filter(({ met }) => !met);
  expect(code, 'exit code').toBe(left.length === 0 ? 0 : 2);
  if (left.length > 0)
    skipIfDisturbed(report, `not met: ${left.map(({ name }) => name).join(', ')}`, context);
  expect(left, `${report.scenario}, defence ${report.defence}`).toEqual([]);
}
