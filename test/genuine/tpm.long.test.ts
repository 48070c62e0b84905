import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SoftwareTpm } from '../../src/adapters/evidence-tpm/testing/software-tpm.ts';
import { hasSoftwareTpm, startSoftwareTpm } from '../../src/adapters/evidence-tpm/testing/software-tpm.ts';
import { ZERO } from '../../src/protocol/ledger.ts';
import { siteIdOf } from '../../src/runtime/trust/platform.ts';
import type { SmallGroup } from './small-group.ts';
import { startSmallGroup } from './small-group.ts';

const SITES = ['north', 'south', 'east'] as const;

it('guard+tpm says what is missing where a site has no TPM', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'muster-no-tpm-'));
  try {
    const evidence = { kind: 'guard+tpm', tctiOf: () => `swtpm:path=${folder}/none` } as const;
    await expect(startSmallGroup({ north: 'north' }, { evidence })).rejects.toMatchObject({
      code: 'NOT_SUPPORTED',
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

describe.runIf(hasSoftwareTpm)('guards with a TPM behind them (swtpm, tpm2-tools)', () => {
  const tpms = new Map<string, SoftwareTpm>();
  let group: SmallGroup;
  beforeAll(async () => {
    for (const site of SITES) tpms.set(site, await startSoftwareTpm());
    const tctiOf = (site: string) => tpms.get(site)?.tcti ?? '';
    group = await startSmallGroup(
      { north: 'north', south: 'south', east: 'east' },
      { evidence: { kind: 'guard+tpm', tctiOf }, isWanted: (agent) => agent !== 'east' },
    );
  }, 180_000);
  afterAll(async () => {
    await group?.stop();
    for (const tpm of tpms.values()) await tpm.stop();
  }, 180_000);

  const passes = () => group.events.filter((each) => each.kind === 'RoundPassed');
  const commits = () => group.events.filter((each) => each.kind === 'Committed');

  it('each quote is over the nonce of its round, and peers check it before they say pass', async () => {
    const { pipeline, keyOf, until, events } = group;
    await until('every agent has been passed by a peer', 60_000, () =>
      SITES.every((name) => passes().some((each) => each.agent === keyOf(name) && each.verifier !== ZERO))
        ? true
        : undefined,
    );
    const hashes = commits().map((each) => each.evidence.quoteHash);
    expect(hashes).not.toContain(ZERO);
    expect(new Set(hashes).size).toBe(hashes.length);
    // What the operator has enrolled binds each site to the key of its TPM.
    for (const each of events.filter((event) => event.kind === 'GuardEnrolled'))
      expect(each.site).not.toBe(siteIdOf(each.siteName));
    expect(pipeline.isReady()).toBe(true);
    expect(group.faults).toEqual([]);
  }, 180_000);

  it('a machine that runs other software than it was enrolled with is refused by a peer and by the registry, and its agent revoked', async () => {
    const { keyOf, until, events, pipeline } = group;
    const east = keyOf('east');
    const sinceMs = performance.now();
    const from = events.length;
    const value = `4:sha256=${'11'.repeat(32)}`;
    const env = { ...process.env, TPM2TOOLS_TCTI: tpms.get('east')?.tcti };
    execFileSync('tpm2_pcrextend', ['-Q', value], { env });
    const revoked = await until('its agent is revoked', 40_000, () =>
      events.find((each) => each.kind === 'Revoked' && each.agent === east),
    );
    process.stderr.write(`guard+tpm: revoked ${Math.round(revoked.atMs - sinceMs)} ms after the PCR moved\n`);
    const after = events.slice(from);
    const verdicts = after.filter((each) => each.kind === 'VerdictGiven' && each.agent === east);
    // The text is as it was: only the quote speaks against it.
    expect(verdicts.slice(-2)).toMatchObject([
      { matches: true, pass: false },
      { matches: true, pass: false, verifier: ZERO },
    ]);
    for (const name of ['north', 'south']) expect(pipeline.trust.attested(keyOf(name))).toBeDefined();
  }, 180_000);
});
