import { parseArgs } from 'node:util';
import { stampedPackages, stampedService } from '../../src/runtime/services/testing/stamped-service.ts';
import { musterHome } from '../../test/packets/support/muster-home.ts';

// From `service apply` of the catalogue's chain of three functions and a web server to the first reply that each of them has stamped with a
// key of its own, both ways: `muster up --sites 4`, packages onboarded and agents attested before. Over the API, as the command line asks it.

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '50' },
    plane: { type: 'string', default: 'twin,linux' },
    sites: { type: 'string', default: '4' },
  },
});
const runs = Number(values.runs);
const TARGET_MS = 2000;
/** Each function at another site than the one before: what passes goes from site to site. */
const sites = Array.from({ length: Number(values.sites) }, (_, index) => `site${index + 1}`);

interface Measured {
  readonly placed: number[];
  readonly complete: number[];
  readonly verified: number[];
}

async function measure(plane: string): Promise<Measured> {
  const home = musterHome();
  const measured: Measured = { placed: [], complete: [], verified: [] };
  try {
    await home.must('up', '--sites', values.sites, '--plane', plane, '--rebirth', '0');
    await home.must('package', 'onboard', ...stampedPackages);
    const client = home.client();
    for (let run = 0; run < runs; run++) {
      const { file, probe } = stampedService(`bench-${run}`, sites);
      const fromMs = performance.now();
      const { operation } = await client.apply({ service: file });
      const applied = await home.over(operation?.id);
      if (applied.state !== 'COMPLETED') throw new Error(applied.errors.at(-1)?.message ?? applied.state);
      measured.complete.push(performance.now() - fromMs);
      const probed = await home.over((await client.action(file.name, probe)).id);
      if (probed.state !== 'COMPLETED') throw new Error(probed.errors.at(-1)?.message ?? probed.state);
      measured.verified.push(performance.now() - fromMs);
      const place = applied.steps.find(({ kind }) => kind === 'place');
      measured.placed.push((place?.endedAtMs ?? 0) - (place?.startedAtMs ?? 0));
      process.stderr.write(`${plane} ${run + 1}/${runs}: ${Math.round(measured.verified.at(-1) ?? 0)} ms\n`);
      await home.over((await client.terminate(file.name, { remove: true })).id);
    }
  } finally {
    await home.muster('down');
    home.forget();
  }
  return measured;
}

const row = (name: string, all: readonly number[]) => {
  const sorted = all.toSorted((a, b) => a - b);
  const at = (share: number) =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
  return `${name.padEnd(34)} p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, most ${at(1)} ms`;
};

for (const plane of values.plane.split(',')) {
  const { placed, complete, verified } = await measure(plane);
  const within = verified.filter((each) => each <= TARGET_MS).length;
  process.stdout.write(
    [
      row(`${plane}: places found`, placed),
      row(`${plane}: service complete`, complete),
      row(`${plane}: first verified reply`, verified),
      `${within} of ${verified.length} within ${TARGET_MS} ms\n`,
    ].join('\n'),
  );
}
