/**
 * Shows that the tests of the contracts can fail: plants each fault of contracts/test/mutants/mutants.json in a copy of the
 * contracts and expects the test or promise named beside it to catch it. Arguments: names of mutants (parts of them); none: all.
 */
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';

const ROOT = join(import.meta.dirname, '..');
const FORGE = join(ROOT, 'node_modules/@foundry-rs/forge-linux-amd64/bin/forge');
const MOST_MS = 120_000;
/** Rare faults need about 40 runs; a mutant that lives through these is not caught. */
const INVARIANT_RUNS = '256';

const mutantSchema = z.strictObject({
  name: z.string(),
  file: z.string(),
  find: z.string(),
  replace: z.string(),
  /** Text in forge's line about the test that fails: the promise, or the test's name. */
  caughtBy: z.string(),
  contract: z.string().default('ManyGuardsInvariants'),
});
type Mutant = z.infer<typeof mutantSchema>;

/** A repository of contracts alone with the fault in it. */
function plant(mutant: Mutant): string {
  const dir = mkdtempSync(join(tmpdir(), 'muster-mutant-'));
  cpSync(join(ROOT, 'contracts'), join(dir, 'contracts'), { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(dir, 'package.json'));
  symlinkSync(join(ROOT, 'node_modules'), join(dir, 'node_modules'));
  const path = join(dir, 'contracts/src', mutant.file);
  const parts = readFileSync(path, 'utf8').split(mutant.find);
  if (parts.length !== 2)
    throw new Error(`"${mutant.name}": its text stands ${parts.length - 1} times in ${mutant.file}`);
  writeFileSync(path, parts.join(mutant.replace));
  return dir;
}

const failedSchema = z.object({ stdout: z.string().default(''), stderr: z.string().default('') });

/** @returns what forge wrote; empty when every test passed. */
async function failuresIn(dir: string, mutant: Mutant): Promise<string> {
  const env = {
    ...process.env,
    FOUNDRY_CONFIG: join(dir, 'contracts/foundry.toml'),
    FOUNDRY_OPTIMIZER: 'false',
    FOUNDRY_INVARIANT_RUNS: INVARIANT_RUNS,
    FOUNDRY_INVARIANT_SHRINK_RUN_LIMIT: '0',
    FOUNDRY_FUZZ_SEED: '1',
  };
  // The path spares compiling the other tests.
  const path = `contracts/test/${mutant.contract.replace(/^.*(?=Invariants)|Test$/g, '')}.t.sol`;
  const args = [
    'test',
    '--root',
    dir,
    '--match-path',
    path,
    '--match-contract',
    mutant.contract,
    '--threads',
    '1',
  ];
  try {
    await promisify(execFile)(FORGE, args, { env, timeout: MOST_MS, maxBuffer: 64 << 20 });
    return '';
  } catch (error) {
    const { stdout, stderr } = failedSchema.parse(error);
    return `${stdout}\n${stderr}`;
  }
}

async function isCaught(mutant: Mutant): Promise<boolean> {
  const dir = plant(mutant);
  try {
    const lines = (await failuresIn(dir, mutant)).split('\n').filter((line) => line.startsWith('[FAIL'));
    const caught = lines.some((line) => line.includes(mutant.caughtBy));
    console.log(`${caught ? 'caught' : 'LIVES '}  ${mutant.name}  (${mutant.file}: ${mutant.caughtBy})`);
    if (!caught) for (const line of lines) console.log(`        instead: ${line}`);
    return caught;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function main(): Promise<number> {
  const wanted = process.argv.slice(2);
  const text = readFileSync(join(ROOT, 'contracts/test/mutants/mutants.json'), 'utf8');
  const mutants = z
    .array(mutantSchema)
    .parse(JSON.parse(text))
    .filter(({ name }) => wanted.length === 0 || wanted.some((part) => name.includes(part)));
  const started = performance.now();
  const queue = [...mutants];
  let caught = 0;
  const work = async (): Promise<void> => {
    for (let mutant = queue.shift(); mutant !== undefined; mutant = queue.shift()) {
      if (await isCaught(mutant)) caught += 1;
    }
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), 4) }, work));
  const seconds = Math.round((performance.now() - started) / 1000);
  console.log(`${caught} of ${mutants.length} mutants caught in ${seconds} s`);
  return caught === mutants.length ? 0 : 1;
}

process.exitCode = await main();
