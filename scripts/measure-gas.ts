/** Measures the gas of every function that changes state, with 8 and with 52 agents, and writes docs/gas.md. Offline, through forge. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const ROOT = join(import.meta.dirname, '..');
const FORGE = join(ROOT, 'node_modules/@foundry-rs/forge-linux-amd64/bin/forge');
/** To forge the whole test is one transaction; no call in it comes near the limit of a block. */
const GAS_LIMIT = '9000000000';
const VIEWS = new Set([
  ...['agentOf', 'roundOf', 'members', 'timing', 'isAttested', 'isKeyed', 'keysOf', 'keyedCount', 'steward'],
  ...['rootOfTrust', 'attestedSetVersion', 'attestedSetChangedAt', 'verifiersPerRound'],
  ...['currentEpoch', 'epochSetVersion', 'ledger'],
]);

const figureSchema = z.object({ calls: z.number(), median: z.number(), max: z.number() });
const reportSchema = z.array(
  z.object({
    contract: z.string(),
    deployment: z.object({ gas: z.number(), size: z.number() }),
    functions: z.record(z.string(), figureSchema),
  }),
);
type Figure = z.infer<typeof figureSchema>;

function measure(testContract: string): z.infer<typeof reportSchema> {
  const args = ['test', '--root', ROOT, '--match-contract', testContract, '--gas-report', '--json'];
  const text = execFileSync(FORGE, args, {
    env: {
      ...process.env,
      FOUNDRY_CONFIG: join(ROOT, 'contracts/foundry.toml'),
      FOUNDRY_GAS_LIMIT: GAS_LIMIT,
    },
    encoding: 'utf8',
    timeout: 120_000,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const report = reportSchema.parse(JSON.parse(text));
  return report.filter(({ contract }) => contract.startsWith('contracts/src/'));
}

const inThousands = (gas: number): string => `${Math.round(gas / 1000)} k`;

function row(name: string, few: Figure, many: Figure | undefined): string {
  const cells = [few, many].map((f) =>
    f === undefined
      ? ''
      : f.calls === 1
        ? inThousands(f.max)
        : `${inThousands(f.median)}, ${inThousands(f.max)}`,
  );
  return `| ${name} | ${cells.join(' | ')} |`;
}

function table(): string[] {
  const few = measure('EightAgentsUsage');
  const many = measure('FiftyTwoAgentsUsage');
  return few.flatMap(({ contract, deployment, functions }) => {
    const inMany = many.find((other) => other.contract === contract)?.functions ?? {};
    const rows = Object.entries(functions)
      .map(([signature, figure]) => ({ name: signature.replace(/\(.*/, ''), signature, figure }))
      .filter(({ name }) => !VIEWS.has(name))
      .map(({ name, signature, figure }) => row(name, figure, inMany[signature]));
    const title = contract.replace(/^.*:/, '');
    return [
      `## ${title}`,
      '',
      `Deployment: ${inThousands(deployment.gas)}, ${deployment.size} bytes with its constructor.`,
      '',
      '| function | 8 agents | 52 agents |',
      '|---|---|---|',
      ...rows,
      '',
    ];
  });
}

const page = [
  '# Gas',
  '',
  'Measured by `npx tsx scripts/measure-gas.ts` (forge, solc as deployed: `london`, optimizer on), each call a transaction of its own with',
  'its 21 k. Median, then the most of all calls; one figure where there was one call. Four guards, two verifiers a round.',
  'Elections, ticks and counts walk the members, so what they cost grows with them; a pipeline has at most 256.',
  '',
  ...table(),
];
writeFileSync(join(ROOT, 'docs/gas.md'), page.join('\n'));
console.log('muster: wrote docs/gas.md');
