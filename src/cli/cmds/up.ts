import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import { Option } from 'commander';
import { MusterError } from '../../protocol/errors.ts';
import type { SiteConfig } from '../../protocol/site-config.ts';
import type { Substrate } from '../../protocol/substrate.ts';
import type { Strictness } from '../../runtime/genuine/pipeline-options.ts';
import { SITE_SHAPES, type SiteShape } from '../../runtime/placement/generated-substrate.ts';
import { USUAL_RETENTION } from '../../runtime/up/kept-journal.ts';
import type { SupervisorOptions } from '../../runtime/up/supervisor.ts';
import {
  makeMusterHome,
  musterHome,
  readUpFile,
  removeUpFile,
  startTimeOf,
  writeUpFile,
} from '../../runtime/up/up-file.ts';
import { CONSOLE_PAGES, consoleAddress } from '../console-address.ts';
import { example } from '../example.ts';
import { listenOnLoopback, USUAL_PORT } from '../listen-on-loopback.ts';
import { note, out } from '../printer.ts';
import { rebirthEvery, rebirthOption } from '../rebirth-flag.ts';
import { RUNS } from '../runs-directory.ts';
import { wholeNumber } from '../whole-number.ts';
import { imageOf } from './image/image-flags.ts';
import { endLeftFunctions } from './left-functions.ts';
import { type SiteFlags, siteOf, withSiteFlags } from './package/package-flags.ts';

/** Of a round, each behind another guard: more sites than that have no need of more. */
const MOST_VERIFIERS = 16;
const MOST_ENTRIES = 10_000_000;
const MOST_DAYS = 3650;
const DAY_MS = 24 * 3_600_000;
const READY_WITHIN_MS = 120_000;

interface Flags extends SiteFlags {
  readonly plane: 'twin' | 'linux' | 'auto';
  readonly seed: string;
  readonly port?: string;
  readonly evidence: 'guard' | 'guard+tpm';
  readonly tpm: string;
  readonly verifiers?: string;
  readonly rebirth: string;
  readonly journalEntries: string;
  readonly journalDays: string;
  readonly foreground?: boolean;
  readonly image?: string;
  readonly operatorKey?: string;
  readonly sites?: string;
  readonly joined: SiteShape;
}

export function addUp(program: Command): void {
  const up = program
    .command('up')
    .argument(
      '[file]',
      'a scenario file, or the name of one: its topology, functions, agents and users (default: demo; with --sites an agent for each site)',
    )
    .description(
      'start everything on this machine: network, ledger, site daemons, guards, attested agents, API',
    )
    .addOption(new Option('--plane <plane>', 'data plane').choices(['twin', 'linux', 'auto']).default('auto'))
    .addOption(new Option('--seed <n>', 'of the addresses').default('1'))
    .addOption(
      new Option(
        '--port <n>',
        `of the API and the console on loopback; 0: any (default: ${USUAL_PORT}, or any where that is taken)`,
      ),
    )
    .addOption(
      new Option('--evidence <source>', 'what stands behind the measurements of agents')
        .choices(['guard', 'guard+tpm'])
        .default('guard'),
    )
    .addOption(
      new Option('--tpm <tcti>', 'with guard+tpm: the TPM of {site}, as tpm2-tools write it').default(
        'device:/dev/tpmrm0',
      ),
    )
    .addOption(
      new Option('--verifiers <n>', 'peers that have to vouch for an agent in each round (default: 1)'),
    )
    .addOption(rebirthOption())
    .addOption(
      new Option('--journal-entries <n>', 'the newest entries of the journal, as many as are kept').default(
        String(USUAL_RETENTION.mostEntries),
      ),
    )
    .addOption(new Option('--journal-days <n>', 'and for how long each of them is').default('7'))
    .option('--image <file>', 'what the agents run (default: built and signed for this pipeline)')
    .option('--operator-key <file>', 'public key of the operator who must have signed that image')
    .addOption(
      new Option(
        '--sites <n|file>',
        'run services too: on so many sites of three hosts each, or on those of a file as `muster plan --sites` reads it',
      ),
    )
    .addOption(
      new Option('--joined <shape>', 'how --sites <n> are joined').choices([...SITE_SHAPES]).default('ring'),
    )
    .option('--foreground', 'stay, and stop with ctrl-C')
    .addHelpText(
      'after',
      example(
        'muster up',
        'muster up ddos --plane twin',
        'muster up --evidence guard+tpm --verifiers 2',
        'muster up --sites 4',
        'muster up --sites examples/placement/sites.yaml --joined mesh',
      ),
    );
  withSiteFlags(up).action(async (file: string | undefined, flags: Flags) => {
    // Loaded when they are needed: help, and every other command, start sooner without them.
    const { placingOf } = await import('../../runtime/placement/placing-of.ts');
    const { siteScenario } = await import('../../runtime/placement/site-agents.ts');
    const { findScenario } = await import('../../runtime/scenario/find-scenario.ts');
    const { substrateOf } = await import('./sites-flag.ts');
    const substrate = flags.sites === undefined ? undefined : await substrateOf(flags.sites, flags.joined);
    const site = await siteOf(flags);
    // Whoever brings agents of a scenario keeps them: services are placed by agents of this process then.
    const own = file === undefined ? substrate : undefined;
    const scenario = own === undefined ? await findScenario(file ?? 'demo') : siteScenario(own);
    const placing = own === undefined ? {} : { placing: placingOf(own) };
    const seed = wholeNumber('seed', flags.seed);
    const port = flags.port === undefined ? undefined : wholeNumber('port', flags.port, 65_535);
    const strictness = strictnessOf(flags);
    // Before anything starts, also what starts it in the background.
    const image = await imageOf(flags);
    const running = readUpFile();
    if (running !== undefined) {
      throw new MusterError('USAGE', `${running.scenario} is up already (process ${running.pid})`, {
        hint: 'muster status, or muster down first',
      });
    }
    const rebirthEveryMs = rebirthEvery(flags.rebirth);
    const given = image === undefined ? {} : { image };
    const retention = {
      mostEntries: wholeNumber('journal-entries', flags.journalEntries, MOST_ENTRIES),
      mostAgeMs: wholeNumber('journal-days', flags.journalDays, MOST_DAYS) * DAY_MS,
    };
    const more = { ...given, ...placing, retention };
    const options = { scenario, plane: flags.plane, seed, strictness, rebirthEveryMs, ...more };
    if (flags.foreground === true) await stay(options, port, substrate, site);
    else await detach(file, flags);
  });
}

function strictnessOf({ evidence, tpm, verifiers }: Flags): Strictness {
  const count = verifiers === undefined ? undefined : wholeNumber('verifiers', verifiers, MOST_VERIFIERS);
  if (count === 0) throw new MusterError('USAGE', '--verifiers: at least 1');
  return {
    ...(count === undefined ? {} : { verifiersPerRound: count }),
    ...(evidence === 'guard'
      ? {}
      : { evidence: { kind: evidence, tctiOf: (site) => tpm.replaceAll('{site}', site) } }),
  };
}

async function stay(
  options: Omit<SupervisorOptions, 'onPhase' | 'services'>,
  port: number | undefined,
  substrate: Substrate | undefined,
  site: SiteConfig,
): Promise<void> {
  const { scenario } = options;
  const home = makeMusterHome();
  const token = randomBytes(32).toString('base64url');
  // Loaded when they are needed: every other command starts a second sooner without them.
  const { createApi } = await import('../../api/create-api.ts');
  const { createConsoleAccess } = await import('../../api/console/console-access.ts');
  const { RunShelf } = await import('../../runtime/runs/run-shelf.ts');
  const { openTokenStore } = await import('../../runtime/tokens/open-token-store.ts');
  const { Supervisor } = await import('../../runtime/up/supervisor.ts');
  const { createForkSource } = await import('../../runtime/what-if/fork-source.ts');
  const { WhatIfDesk } = await import('../../runtime/what-if/what-if-desk.ts');
  const { UpServices } = await import('../../runtime/up/up-services.ts');
  const { beginJournalFile } = await import('../../runtime/up/journal-file.ts');
  const { shelveJournal } = await import('../../runtime/up/shelve-journal.ts');
  // Who runs no services wants nothing of earlier ones either.
  if (substrate === undefined) await endLeftFunctions(home);
  const services = substrate === undefined ? undefined : await UpServices.open({ home, substrate, site });
  const shelve = async (): Promise<boolean> => {
    try {
      const dir = await shelveJournal(home, RUNS);
      if (dir !== undefined) note(`what was done is recorded: bin/muster why --run ${dir}`);
      return true;
    } catch (error) {
      note(`no journal is kept on disk: ${error instanceof Error ? error.message : 'it cannot be written'}`);
      return false;
    }
  };
  const { seed } = options;
  const about = {
    format: 1,
    scenario,
    seed,
    pid: process.pid,
    startTime: startTimeOf(process.pid) ?? 0,
  } as const;
  const { mostEntries } = options.retention ?? USUAL_RETENTION;
  // Of the one before, if it was killed.
  const isFree = await shelve();
  const supervisor = new Supervisor({
    ...options,
    ...(isFree
      ? {
          record: (plane, onTrouble) =>
            beginJournalFile(home, { ...about, plane, startedAtMs: Date.now() }, mostEntries, onTrouble),
        }
      : {}),
    onPhase: note,
    ...(services === undefined ? {} : { services }),
  });
  const stop = (keepFunctions: boolean) => supervisor.stop(keepFunctions);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop(false));
  const tokens = await openTokenStore();
  const onTrouble = (error: unknown) => note(`the API: ${error instanceof Error ? error.message : 'failed'}`);
  const northbound = services?.northbound();
  const [node = process.execPath, script = ''] = process.argv;
  const runs = new RunShelf({
    directory: RUNS,
    command: [node, ...process.execArgv, script],
    nowMs: () => Date.now(),
  });
  const whatIfs = new WhatIfDesk({
    source: createForkSource({
      scenario,
      services,
      group: () => supervisor.group(),
      nowMs: () => Date.now(),
    }),
    directory: RUNS,
    nowMs: () => Date.now(),
  });
  const access = createConsoleAccess({ tokens, nowMs: () => Date.now() });
  const api = createApi({
    supervisor,
    token,
    tokens,
    runs,
    whatIfs,
    console: { access, pages: CONSOLE_PAGES },
    onStop: stop,
    onTrouble,
    ...(northbound === undefined ? {} : { northbound }),
  });
  const address = await listenOnLoopback(api, port);
  try {
    await supervisor.run((used) => {
      const startTime = startTimeOf(process.pid) ?? 0;
      writeUpFile({ pid: process.pid, startTime, api: address, token, scenario: scenario.name, plane: used });
      note(`up: ${address}`);
      note(`console, opens once: ${address}${access.address()}`);
    });
  } finally {
    if (isFree) await shelve();
    removeUpFile();
    await runs.close();
    await whatIfs.close();
    api.server.closeAllConnections();
    await api.close();
  }
}

/** Starts the same in the background, and tells how it goes until it is up. */
async function detach(file: string | undefined, flags: Flags): Promise<void> {
  const { plane, seed, port, evidence, tpm, verifiers, rebirth, image, operatorKey, sites, joined } = flags;
  const { journalEntries, journalDays } = flags;
  const logPath = join(makeMusterHome(), 'up.log');
  const log = openSync(logPath, 'w', 0o600);
  const [node = process.execPath, script = ''] = process.argv;
  const args = ['up', ...(file === undefined ? [] : [file]), '--foreground', '--plane', plane];
  args.push('--seed', seed);
  if (port !== undefined) args.push('--port', port);
  if (sites !== undefined) args.push('--sites', sites, '--joined', joined);
  if (flags.imageMap !== undefined) args.push('--image-map', flags.imageMap);
  args.push('--evidence', evidence, '--tpm', tpm, '--rebirth', rebirth);
  args.push('--journal-entries', journalEntries, '--journal-days', journalDays);
  if (verifiers !== undefined) args.push('--verifiers', verifiers);
  if (image !== undefined && operatorKey !== undefined)
    args.push('--image', image, '--operator-key', operatorKey);
  const child = spawn(node, [...process.execArgv, script, ...args], {
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  let ended = false;
  child.once('exit', () => {
    ended = true;
  });
  let interrupted = false;
  const interrupt = () => {
    interrupted = true;
    child.kill('SIGTERM');
  };
  process.once('SIGINT', interrupt);
  let told = 0;
  const tell = () => {
    const lines = readFileSync(logPath, 'utf8').split('\n').slice(0, -1);
    for (const line of lines.slice(told)) note(line);
    told = lines.length;
  };
  const untilMs = Date.now() + READY_WITHIN_MS;
  for (;;) {
    tell();
    const up = readUpFile();
    if (up?.pid === child.pid && up !== undefined) {
      child.unref();
      process.off('SIGINT', interrupt);
      const opening = await consoleAddress(up);
      out(
        `${up.scenario} is up on the ${up.plane} plane, process ${up.pid}\nAPI  ${up.api}  (token in ${musterHome()}/up.json)\nConsole  ${opening}  (opens once; muster console for another)\nNext  muster status, muster down\n`,
      );
      return;
    }
    if (ended || Date.now() > untilMs) {
      if (!ended) child.kill('SIGTERM');
      if (interrupted) throw new MusterError('INTERRUPTED', 'it is not brought up');
      throw new MusterError(
        'INTERNAL',
        ended ? 'it did not come up' : `it was not up within ${READY_WITHIN_MS / 1000} s`,
        {
          hint: `what it said is in ${logPath}`,
        },
      );
    }
    await pause(100);
  }
}
