import type { Command } from 'commander';
import { MusterError } from '../../../protocol/errors.ts';
import { openTokenStore } from '../../../runtime/tokens/open-token-store.ts';
import { revokeToken } from '../../../runtime/tokens/tokens.ts';
import { example } from '../../example.ts';
import { outputFormat, printThing } from '../../printer.ts';

export function addRevoke(parent: Command): void {
  parent
    .command('revoke')
    .argument('<name>', 'of the token')
    .description('end a token, and the sessions that were opened with it: at once')
    .option('--yes', 'it is meant')
    .option('-o, --output <format>', 'table, json, jsonl or yaml', 'table')
    .addHelpText('after', example('muster token revoke alice --yes'))
    .action(async (name: string, { yes, output }: { readonly yes?: boolean; readonly output: string }) => {
      const format = outputFormat(output);
      if (yes !== true) {
        throw new MusterError('USAGE', `whoever uses the token ${name} will be shut out`, {
          hint: `muster token revoke ${name} --yes`,
        });
      }
      await revokeToken(await openTokenStore(), name);
      printThing({ name, revoked: true }, [`${name} is revoked`], format);
    });
}
