import type { Command } from 'commander';
import { MusterError } from '../../../protocol/errors.ts';
import { verifyAgainst } from '../../../runtime/ledger/verify.ts';
import { example } from '../../example.ts';
import { note, out, outputFormat, printListing, printThing, table } from '../../printer.ts';
import type { LedgerFlags } from './ledger-flags.ts';
import { ledgerOf, withLedgerFlags } from './ledger-flags.ts';

export function addVerify(parent: Command): void {
  withLedgerFlags(parent.command('verify'))
    .description(
      'checks a ledger again from the chain alone, up to a co-signed checkpoint; exit code 3 when something is wrong',
    )
    .requiredOption('--operator <account>', 'account of the operator, 0x and 40 hexadecimal digits')
    .requiredOption('--checkpoint <file>', 'a checkpoint that agents have co-signed (JSON)')
    .option('-o, --output <format>', 'table, json, jsonl or yaml', 'table')
    .addHelpText(
      'after',
      example(
        'muster ledger verify --url http://127.0.0.1:8545 --pipeline pipeline.json --operator 0x… --checkpoint c.json',
      ),
    )
    .action(async (flags: LedgerFlags & { operator: string; checkpoint: string; output: string }) => {
      const format = outputFormat(flags.output);
      const ledger = await ledgerOf(flags);
      const report = await verifyAgainst({
        ...ledger,
        operator: flags.operator,
        checkpointFile: flags.checkpoint,
      });
      const { checks, findings } = report;
      if (format === 'table' || format === 'wide') {
        out(
          `${table(
            checks.map((each) => ({ ...each })),
            ['check', 'examined', 'findings'],
          )}`,
        );
        if (findings.length > 0)
          out(
            `\n${table(
              findings.map((each) => ({ ...each })),
              ['check', 'at', 'what'],
            )}`,
          );
      } else if (format === 'name') {
        printListing({ rows: checks.map((each) => ({ ...each })), columns: ['check'] }, format);
      } else {
        printThing({ ...report }, [], format);
      }
      if (findings.length === 0) {
        note('Everything fits.');
        return;
      }
      throw new MusterError(
        'ATTESTATION_REFUSED',
        `the ledger does not stand up: ${findings.length} findings`,
        {
          hint: 'ask another node for the same blocks; muster ledger describe <at> shows what stands there',
        },
      );
    });
}
