import type { Command } from 'commander';
import { openTokenStore } from '../../../runtime/tokens/open-token-store.ts';
import { listTokens } from '../../../runtime/tokens/tokens.ts';
import { example } from '../../example.ts';
import { outputFormat, printListing } from '../../printer.ts';

export function addList(parent: Command): void {
  parent
    .command('list')
    .description('tokens that there are, and until when; what they are is known to nobody but their holders')
    .option('-o, --output <format>', 'table, wide, json, jsonl, yaml or name', 'table')
    .addHelpText('after', example('muster token list'))
    .action(async ({ output }: { readonly output: string }) => {
      const format = outputFormat(output);
      const nowMs = Date.now();
      const rows = (await listTokens(await (await openTokenStore()).view())).map((token) => ({
        name: token.name,
        role: token.role,
        state: token.expiresAtMs !== null && token.expiresAtMs <= nowMs ? 'expired' : 'valid',
        createdAt: new Date(token.createdAtMs).toISOString(),
        expiresAt: token.expiresAtMs === null ? null : new Date(token.expiresAtMs).toISOString(),
      }));
      printListing({ rows, columns: ['name', 'role', 'state', 'expiresAt'] }, format);
    });
}
