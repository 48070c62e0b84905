import { generateKeyPairSync } from 'node:crypto';
import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { executableMappings } from '../../src/adapters/evidence-guard/memory-map.ts';
import { needsEpoch } from '../../src/core/attestation/steward.ts';
import { agentId } from '../../src/protocol/ids.ts';
import { ZERO } from '../../src/protocol/ledger.ts';
import { ownImage } from '../../src/runtime/genuine/agent-image.ts';
import { readImage } from '../../src/runtime/image/read-image.ts';
import { imageText, wrapImage } from '../../src/runtime/image/wrap-image.ts';
import { buildC, hasCompiler } from '../programs/build-c.ts';
import { isAlive } from './live-network.ts';
import type { SmallGroup } from './small-group.ts';
import { startSmallGroup } from './small-group.ts';

const folder = mkdtempSync(join(tmpdir(), 'muster-native-'));
/** Rounds in each part in which the native agent is to be seen. */
const ROUNDS = 2;

/** Our agent process, and the C program as an image that the same operator has signed. */
async function images() {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const image = await ownImage(folder, { privateKey, publicKey });
  const bytes = readFileSync(buildC('c-agent/c-agent.c', join(folder, 'c-agent')));
  const policy = {
    runtimeCode: 'none',
    maxRuntimeCodeBytes: 0,
    maxThreads: 1,
    descriptors: 'given-only',
    sockets: 'given-only',
  } as const;
  const about = { agent: 'native', version: 1, runtime: 'native', policy } as const;
  const file = join(folder, 'native.image.json');
  writeFileSync(file, imageText(wrapImage(bytes, { ...about, capabilities: [] }, privateKey)));
  const { operatorKey } = image;
  const native = { file, operatorKey, verified: await readImage(file, operatorKey) };
  return { image, native: new Map([[agentId('native'), { image: native, arguments: ['--site', 'east'] }]]) };
}

/** Changes one byte of another process's text. */
function patch(pid: number, address: number): void {
  const memory = openSync(`/proc/${pid}/mem`, 'r+');
  try {
    const byte = Buffer.alloc(1);
    readSync(memory, byte, 0, 1, address);
    writeSync(memory, Buffer.from([(byte[0] ?? 0) ^ 0xff]), 0, 1, address);
  } finally {
    closeSync(memory);
  }
}

describe.runIf(hasCompiler())('an agent that is a C program (gcc)', () => {
  let group: SmallGroup;
  beforeAll(async () => {
    group = await startSmallGroup(
      { north: 'north', south: 'south', native: 'east' },
      { ...(await images()), isWanted: (agent) => agent !== 'native' },
    );
  }, 180_000);
  afterAll(async () => {
    await group?.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 180_000);

  it('is attested by its peers and vouches for them, without a part in the group key', async () => {
    const { pipeline, keyOf, events, until } = group;
    const native = keyOf('native');
    const passes = () => events.filter((each) => each.kind === 'RoundPassed');
    await until('it has been verified by its peers, and has verified them', 60_000, () => {
      const measured = passes().filter((each) => each.agent === native && each.verifier !== ZERO);
      const vouched = passes().filter((each) => each.verifier === native);
      return measured.length >= ROUNDS && vouched.length >= ROUNDS ? true : undefined;
    });
    const { state, epoch } = pipeline.trust;
    expect(pipeline.trust.attested(native)).toMatchObject({ kemKey: ZERO, frameKey: ZERO, incarnation: 1 });
    expect([...(epoch?.members ?? [])].sort()).toEqual([keyOf('north'), keyOf('south')].sort());
    expect(needsEpoch(state)).toBe(false);
    expect(group.faults).toEqual([]);
    const pid = pipeline.pidOf('native') ?? 0;
    const argv = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    expect(argv.slice(1, 3)).toEqual(['--site', 'east']);
  }, 180_000);

  it('that is patched while it runs is killed, revoked and left out; the others go on', async () => {
    const { pipeline, keyOf, events, until } = group;
    const native = keyOf('native');
    const pid = pipeline.pidOf('native') ?? 0;
    const program = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[0];
    const text = executableMappings(pid).find((each) => each.name === program);
    const epochBefore = pipeline.trust.epoch?.epoch ?? 0;
    const sinceMs = performance.now();
    patch(pid, (text?.start ?? 0) + 8);
    const revoked = await until('it is revoked on the ledger', 10_000, () =>
      events.find((each) => each.kind === 'Revoked' && each.agent === native),
    );
    process.stderr.write(`native agent: revoked ${Math.round(revoked.atMs - sinceMs)} ms after the patch\n`);
    expect(revoked).toMatchObject({ incarnation: 1, reason: expect.stringContaining('were written to') });
    expect(isAlive(pid)).toBe(false);
    // The version of the attested set has moved: the two that are left get a key of their own.
    await until('the others have a new key', 20_000, () => {
      const { epoch } = pipeline.trust;
      return epoch !== undefined && epoch.epoch > epochBefore && epoch.acknowledged.length === 2
        ? true
        : undefined;
    });
    const { state, epoch } = pipeline.trust;
    expect(epoch?.setVersion).toBe(state.setVersion);
    expect([...(epoch?.acknowledged ?? [])].sort()).toEqual([keyOf('north'), keyOf('south')].sort());
    const from = events.length;
    await until('the others have attested one another again', 30_000, () => {
      const passed = events.slice(from).filter((each) => each.kind === 'RoundPassed');
      const both = ['north', 'south'].every((name) => passed.some((each) => each.agent === keyOf(name)));
      return both ? true : undefined;
    });
    for (const name of ['north', 'south']) expect(pipeline.trust.attested(keyOf(name))?.incarnation).toBe(1);
    expect(state.agents.get(native)?.status).toBe('revoked');
    expect(pipeline.pidOf('native')).toBeUndefined();
  }, 180_000);
});
