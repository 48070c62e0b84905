import type { Command } from 'commander';
import type { UpFile } from '../../../runtime/up/up-file.ts';
import { askUp } from '../../ask-up.ts';
import { example } from '../../example.ts';
import { out } from '../../printer.ts';
import { runningUp, untilAttested } from '../../running-up.ts';

/** Some blocks of the ledger, and a process that ends. */
const CHANGED_WITHIN_MS = 30_000;

/** `agent add`, `move`, `remove` and `revoke`: of what is up here. */
export function addChanges(parent: Command): void {
  const wait = '--wait';
  const waits = 'until it is attested and holds the group key';
  parent
    .command('add')
    .argument('<name>')
    .requiredOption('--host <host>', 'the host that it is to look after')
    .option('--capabilities <names>', 'what it knows how to do, with commas (default: everything)')
    .option(wait, waits)
    .description('one more agent for what is up, through the same steps as those it was started with')
    .addHelpText('after', example('muster agent add a9 --host s1-cpu2mem2 --wait'))
    .action(async (name: string, flags: { host: string; capabilities?: string; wait?: boolean }) => {
      const up = runningUp();
      const capabilities = flags.capabilities?.split(',');
      const body = { name, host: flags.host, ...(capabilities === undefined ? {} : { capabilities }) };
      await askUp(up, 'POST', '/v1/agents', { body, withinMs: CHANGED_WITHIN_MS });
      await settle(up, name, flags.wait === true, 'admitted');
    });
  parent
    .command('move')
    .argument('<name>')
    .requiredOption('--host <host>', 'the host that it is to look after from now on')
    .option(wait, waits)
    .description('another host for an agent of what is up: it is ended, and its successor attested there')
    .addHelpText('after', example('muster agent move a3 --host s1-cpu2mem2'))
    .action(async (name: string, flags: { host: string; wait?: boolean }) => {
      const up = runningUp();
      const path = `/v1/agents/${encodeURIComponent(name)}/move`;
      await askUp(up, 'POST', path, { body: { host: flags.host }, withinMs: 2 * CHANGED_WITHIN_MS });
      await settle(up, name, flags.wait === true, 'moved');
    });
  parent
    .command('remove')
    .argument('<name>')
    .description(
      'take an agent of what is up out of its group, and end it; others bargain for what it looked after',
    )
    .addHelpText('after', example('muster agent remove a9'))
    .action(async (name: string) => {
      const path = `/v1/agents/${encodeURIComponent(name)}`;
      await askUp(runningUp(), 'DELETE', path, { withinMs: CHANGED_WITHIN_MS });
      out(`${name} is removed\n`);
    });
}

/** `agent revoke`. */
export function addRevoke(parent: Command): void {
  parent
    .command('revoke')
    .argument('<name>')
    .requiredOption('--reason <text>', 'why, in a few words: it stands on the ledger')
    .option('--wait', 'until its next incarnation is attested and holds the group key')
    .description(
      'throw out an agent of what is up as it is now: its process is ended, the group gets a new key, others bargain for its roles; its next incarnation is attested anew',
    )
    .addHelpText('after', example("muster agent revoke a3 --reason 'its host is suspect'"))
    .action(async (name: string, { reason, wait }: { reason: string; wait?: boolean }) => {
      const up = runningUp();
      const path = `/v1/agents/${encodeURIComponent(name)}/revoke`;
      await askUp(up, 'POST', path, { body: { reason }, withinMs: CHANGED_WITHIN_MS });
      if (wait === true) await untilAttested(up, [name]);
      out(`${name} is revoked; its next incarnation ${wait === true ? 'is attested' : 'is on its way'}\n`);
    });
}

async function settle(up: UpFile, name: string, wait: boolean, done: string): Promise<void> {
  if (wait) await untilAttested(up, [name]);
  out(`${name} is ${wait ? `${done} and attested` : `${done}; its attestation is under way`}\n`);
}
