import type { Command } from 'commander';
import { Option } from 'commander';
import { MusterError } from '../../../protocol/errors.ts';
import { summary } from '../../../runtime/report/summary.ts';
import { findScenario } from '../../../runtime/scenario/find-scenario.ts';
import { example } from '../../example.ts';
import { createLiveView } from '../../live-view.ts';
import { note, outputFormat, printThing } from '../../printer.ts';
import { rebirthEvery, rebirthOption } from '../../rebirth-flag.ts';
import { noteLatest } from '../../run-dir.ts';
import { wholeNumber } from '../../whole-number.ts';
import { imageOf } from '../image/image-flags.ts';

/** Ctrl-C, a kill, and a terminal that is closed: all clean up. */
const STOPS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

interface Flags {
  readonly plane: 'twin' | 'linux' | 'auto';
  readonly seed: string;
  readonly defence: 'on' | 'off';
  readonly out?: string;
  readonly output: string;
  readonly quiet?: boolean;
  readonly progress: 'words' | 'jsonl';
  readonly genuine?: boolean;
  readonly rebirth: string;
  readonly image?: string;
  readonly operatorKey?: string;
}

export function addRun(parent: Command): void {
  parent
    .command('run')
    .argument('<file>', 'a scenario file, or the name of one that comes with Muster')
    .description('run a scenario: agents see, bargain and act; ends with a summary and a report')
    .addOption(new Option('--plane <plane>', 'data plane').choices(['twin', 'linux', 'auto']).default('auto'))
    .addOption(new Option('--seed <n>', 'the same seed gives the same run in the twin').default('1'))
    .addOption(
      new Option('--defence <on|off>', 'off: the same without agents that act')
        .choices(['on', 'off'])
        .default('on'),
    )
    .option('--genuine', 'each agent in a process of its own, attested by its peers on a ledger')
    .addOption(rebirthOption())
    .option('--image <file>', 'with --genuine: what the agents run (default: built and signed for this run)')
    .option('--operator-key <file>', 'public key of the operator who must have signed that image')
    .option('--out <dir>', 'where the run is recorded (default: runs/<scenario>-<plane>-<seed>)')
    .option('-o, --output <format>', 'table (a summary in words), json, jsonl or yaml (the report)', 'table')
    .option('--quiet', 'no progress while it runs')
    .addOption(
      new Option('--progress <form>', 'how it is told while it runs: in words, or as lines of JSON on stderr')
        .choices(['words', 'jsonl'])
        .default('words'),
    )
    .addHelpText(
      'after',
      example('muster scenario run demo', 'muster scenario run ddos --plane twin --seed 7 --out runs/seven'),
    )
    .action(async (file: string, flags: Flags) => {
      const format = outputFormat(flags.output);
      const scenario = await findScenario(file);
      const seed = wholeNumber('seed', flags.seed);
      const rebirthEveryMs = rebirthEvery(flags.rebirth);
      const image = await imageOf(flags);
      if (image !== undefined && flags.genuine !== true) {
        throw new MusterError('USAGE', 'an image is for genuine agents', { hint: 'with --genuine' });
      }
      const outDir = (plane: 'twin' | 'linux') =>
        flags.out ?? `runs/${scenario.name}-${plane}-${seed}${flags.defence === 'off' ? '-off' : ''}`;
      if (flags.out === '') {
        throw new MusterError('USAGE', 'the name of the directory is empty', {
          hint: 'name a directory with --out, or leave it out',
        });
      }
      const abort = new AbortController();
      const interrupt = () => {
        if (abort.signal.aborted) process.exit(130);
        note('interrupted: cleaning up (once more to leave at once)');
        abort.abort();
      };
      for (const signal of STOPS) process.on(signal, interrupt);
      const view = createLiveView(flags.quiet === true ? undefined : process.stderr, flags.progress);
      try {
        const { plane, defence } = flags;
        // Loaded when it is needed: every other command starts a second sooner without it.
        const { runScenario } = await import('../../../runtime/run-scenario.ts');
        const { report, outDir: dir = '' } = await runScenario({
          scenario,
          plane,
          seed,
          defence,
          genuine: flags.genuine === true,
          rebirthEveryMs,
          ...(image === undefined ? {} : { image }),
          outDir,
          onProgress: (progress) => view.on(progress),
          signal: abort.signal,
        });
        view.close();
        noteLatest(dir);
        printThing(report, summary(report, { runDir: dir, htmlPath: `${dir}/report.html` }), format);
        if (report.expectations.some((each) => !each.met)) process.exitCode = 2;
      } catch (error) {
        view.close();
        throw error;
      } finally {
        for (const signal of STOPS) process.off(signal, interrupt);
      }
    });
}
