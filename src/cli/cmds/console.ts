import { randomBytes } from 'node:crypto';
import { basename, dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { MusterError } from '../../protocol/errors.ts';
import { RunIdSchema } from '../../protocol/run-view.ts';
import { openTokenStore } from '../../runtime/tokens/open-token-store.ts';
import { readUpFile } from '../../runtime/up/up-file.ts';
import { CONSOLE_PAGES, consoleAddress } from '../console-address.ts';
import { example } from '../example.ts';
import { listenOnLoopback } from '../listen-on-loopback.ts';
import { note, out } from '../printer.ts';
import { wholeNumber } from '../whole-number.ts';

const OPENS_ONCE =
  'it opens once, within the hour; with a token of muster token create one can come in again';

export function addConsole(program: Command): void {
  program
    .command('console')
    .description('print an address that opens the console of what is up here in a browser, once')
    .option('--run <dir>', 'of a recorded run instead, served until it is interrupted; nothing need be up')
    .option('--port <n>', 'with --run: where on loopback; 0: any')
    .addHelpText(
      'after',
      example('muster console', 'xdg-open "$(muster console)"', 'muster console --run runs/demo-twin-1'),
    )
    .action(async ({ run, port }: { readonly run?: string; readonly port?: string }) => {
      if (run !== undefined) {
        await serveRecording(run, port === undefined ? undefined : wholeNumber('port', port, 65_535));
        return;
      }
      if (port !== undefined)
        throw new MusterError('USAGE', '--port is for --run', { hint: 'muster up --port' });
      const up = readUpFile();
      if (up === undefined) {
        throw new MusterError('USAGE', 'nothing is up here', {
          hint: 'muster up, or muster console --run DIR for a recorded run',
        });
      }
      out(`${await consoleAddress(up)}\n`);
      note(OPENS_ONCE);
    });
}

/** Serves the console of one recorded run until it is interrupted. */
async function serveRecording(dir: string, port: number | undefined): Promise<void> {
  const id = RunIdSchema.safeParse(basename(resolve(dir))).data;
  if (id === undefined) {
    throw new MusterError('USAGE', `${dir} is no name of a run`, {
      hint: 'letters, digits, dots, dashes and underscores',
    });
  }
  // Loaded when they are needed: every other command starts sooner without them.
  const { createRecordingApi } = await import('../../api/create-recording-api.ts');
  const { createConsoleAccess } = await import('../../api/console/console-access.ts');
  const { RunShelf } = await import('../../runtime/runs/run-shelf.ts');
  const nowMs = () => Date.now();
  const [node = process.execPath] = process.argv;
  const runs = new RunShelf({ directory: dirname(resolve(dir)), command: [node], only: id, nowMs });
  // Before anything is served: whoever mistypes is told.
  await runs.detail(id);
  await runs.entries(id);
  const tokens = await openTokenStore();
  const access = createConsoleAccess({ tokens, nowMs });
  const api = createRecordingApi({
    ...{ tokens, runs, nowMs, console: { access, pages: CONSOLE_PAGES } },
    token: randomBytes(32).toString('base64url'),
    onTrouble: (error) => note(`the console: ${error instanceof Error ? error.message : 'failed'}`),
  });
  const interrupted = new Promise<void>((done) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => done());
  });
  const address = await listenOnLoopback(api, port);
  const [path = '', code = ''] = access.address().split('#');
  out(`${address}${path}?source=${encodeURIComponent(id)}#${code}\n`);
  note(OPENS_ONCE);
  note('it is served until ctrl-C');
  await interrupted;
  api.server.closeAllConnections();
  await api.close();
}
