import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Row } from '../row.ts';
import { onEnd } from '../support/clean-up.ts';
import { oneClock, shiftedClocks } from '../support/clock-edits.ts';
import type { Edit } from '../support/product-copy.ts';
import { copyOfProduct, ownDirectory } from '../support/product-copy.ts';
import type { RunningPipeline } from '../support/running-pipeline.ts';
import { startPipeline } from '../support/running-pipeline.ts';
import { eventually, passes } from '../support/wait.ts';

const HOUR_S = 3600;
/** Beyond one round of every agent (one in 20 s): each is renewed under the shifted clock. */
const SKEW_WATCH_MS = 24_000;
/** An attestation lasts 60 s. */
const VALIDITY_MS = 60_000;
const LATE_MS = 5000;

type Found = Pick<Row, 'outcome' | 'what'>;

interface Scene {
  readonly pipeline: RunningPipeline;
  /** The file that says by how much, and, where one clock is believed, which. */
  readonly lever: string;
}

/** The clocks of all site daemons are an hour off, as far as they ask for the time of day. */
export async function clockRows(): Promise<readonly Row[]> {
  const sound = await shifted('clocks', shiftedClocks);
  const weak = await shifted('one-clock', oneClock);
  const attacker = 'who sets the clock of a site (changed copy of the daemon: its time of day is shifted)';
  const { control } = sound;
  return [
    {
      id: 'clock-behind',
      attack: 'clock skew of an hour: behind',
      attacker,
      did: `set the time of day of all site daemons back by an hour for one round of every agent, and then held the ledger still, so that attestations run out`,
      expected: 'prevented',
      ...sound.behind,
      control,
      withoutDefence: {
        did: `daemons that believe the time of day alone: ${weak.behind.outcome}, ${weak.behind.what}`,
        asExpected: weak.behind.outcome === 'undetected',
      },
    },
    {
      id: 'clock-ahead',
      attack: 'clock skew of an hour: ahead',
      attacker,
      did: 'set the time of day of all site daemons forward by an hour, beyond one round of every agent',
      expected: 'detected',
      ...sound.ahead,
      control,
      withoutDefence: {
        did: `daemons that believe the chain's time alone: ${weak.ahead.outcome}, ${weak.ahead.what}`,
        asExpected: weak.ahead.outcome !== 'detected',
      },
    },
  ];
}

async function shifted(name: string, edits: (lever: string) => readonly Edit[]) {
  const lever = join(ownDirectory('levers'), 'clock');
  const pipeline = await startPipeline(name, { root: copyOfProduct(name, edits(lever)) });
  const scene = { pipeline, lever };
  try {
    // Before anything is shifted: nobody is cut off by mistake.
    await passes(SKEW_WATCH_MS);
    const wrongly = cutOff(pipeline, 0).size;
    const control = {
      did: `the same daemons with the right time, for as long: ${wrongly} agents were cut off`,
      asExpected: wrongly === 0,
    };
    const behind = await behindAnHour(scene);
    // Whoever was cut off has to be back before the clock is moved again.
    for (const each of (await pipeline.status()).agents) await pipeline.agent(each.name);
    return { control, behind, ahead: await aheadAnHour(scene) };
  } finally {
    await pipeline.stop();
  }
}

async function behindAnHour({ pipeline, lever }: Scene): Promise<Found> {
  const seen = pipeline.entries.length;
  writeFileSync(lever, `${-HOUR_S} wall`);
  await passes(SKEW_WATCH_MS);
  const early = cutOff(pipeline, seen).size;
  const { processes, agents } = await pipeline.status();
  const ledger = processes['ledger'];
  if (ledger === undefined) throw new Error('there is no ledger');
  const go = (): void => {
    try {
      process.kill(ledger, 'SIGCONT');
    } catch {
      // It was ended.
    }
  };
  process.kill(ledger, 'SIGSTOP');
  onEnd(go);
  const startMs = performance.now();
  await eventually(
    () => (cutOff(pipeline, seen).size === agents.length ? true : undefined),
    VALIDITY_MS + LATE_MS,
  );
  const cut = cutOff(pipeline, seen).size;
  const tookS = ((performance.now() - startMs) / 1000).toFixed(0);
  rmSync(lever);
  go();
  if (early > 0) return { outcome: 'detected', what: `${early} agents were cut off at once` };
  return cut === agents.length
    ? {
        outcome: 'prevented',
        what: `nobody is trusted longer: all ${cut} agents were cut off within ${tookS} s of the ledger's last word, as granted; validity counts on the monotonic clock, from the latest time that block and daemon know`,
      }
    : {
        outcome: 'undetected',
        what: `${agents.length - cut} of ${agents.length} agents were still trusted ${tookS} s after the ledger's last word`,
      };
}

async function aheadAnHour({ pipeline, lever }: Scene): Promise<Found> {
  const seen = pipeline.entries.length;
  writeFileSync(lever, `${HOUR_S} chain`);
  await passes(SKEW_WATCH_MS);
  rmSync(lever);
  const cut = cutOff(pipeline, seen).size;
  return cut > 0
    ? {
        outcome: 'detected',
        what: `it fails closed: daemons take attestations for expired and cut off ${cut} agents; nobody is trusted longer, but the site is out of service`,
      }
    : { outcome: 'prevented', what: 'no agent was cut off' };
}

/** The agents that daemons have cut off since an entry, as not attested any more. */
function cutOff(pipeline: RunningPipeline, seen: number): ReadonlySet<string> {
  return new Set(
    pipeline.entries
      .slice(seen)
      .filter(({ fault, reason }) => fault === 'hello-refused' && reason.includes('cut off'))
      .map(({ subject }) => subject),
  );
}
