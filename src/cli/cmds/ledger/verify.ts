import type { Command } from 'commander';
import { MusterError } from '../../../protocol/errors.ts';
import { RunRecordSchema } from '../../../protocol/run-record.ts';
import type { Verified } from '../../../runtime/ledger/verify.ts';
import { verifyAgainst, verifyRecord, verifyRun } from '../../../runtime/ledger/verify.ts';
import { readUpFile } from '../../../runtime/up/up-file.ts';
import { askUp } from '../../ask-up.ts';
import { example } from '../../example.ts';
import { note, out, outputFormat, printListing, printThing, table } from '../../printer.ts';
import type { LedgerFlags } from './ledger-flags.ts';
import { ledgerOf, withLedgerFlags } from './ledger-flags.ts';

interface Flags extends LedgerFlags {
  readonly operator?: string;
  readonly checkpoint?: string;
  readonly journal?: string;
  readonly output: string;
}

export function addVerify(parent: Command): void {
  withLedgerFlags(parent.command('verify'))
    .description(
      'checks a ledger again from the chain alone, up to a co-signed checkpoint; exit code 3 when something is wrong',
    )
    .argument('[dir]', 'a run of genuine agents: its ledger is started from a copy of what it has kept')
    .option('--operator <account>', 'account of the operator, 0x and 40 hexadecimal digits')
    .option('--checkpoint <file>', 'a checkpoint that agents have co-signed (JSON)')
    .option('--journal <dir>', 'a run whose journal is to be under roots on that ledger')
    .option('-o, --output <format>', 'table, json, jsonl or yaml', 'table')
    .addHelpText(
      'after',
      example(
        'muster ledger verify runs/demo-twin-1 --operator 0x…',
        'muster ledger verify',
        'muster ledger verify --url http://127.0.0.1:8545 --pipeline pipeline.json --operator 0x… --checkpoint c.json',
      ),
    )
    .action(async (dir: string | undefined, flags: Flags) => {
      const format = outputFormat(flags.output);
      const { report, operator } = await verified(dir, flags);
      const { checks, findings, open } = report;
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
      if (open > 0) note(`${open} entries of the journal are newer than the checkpoint.`);
      if (flags.operator === undefined) {
        note(`The operator is ${operator} as what was checked says itself: hold it against what you know.`);
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

/** A run's directory, a ledger anywhere, or what is up here. */
async function verified(dir: string | undefined, flags: Flags): Promise<Verified> {
  const { operator, checkpoint, journal, url } = flags;
  const common = operator === undefined ? {} : { operator };
  if (dir !== undefined) return verifyRun(dir, { ...common, ...(url === undefined ? {} : { url }) });
  const up = readUpFile();
  if (up !== undefined && checkpoint === undefined && url === undefined) {
    return verifyRecord(RunRecordSchema.parse(await askUp(up, 'GET', '/v1/record')), operator);
  }
  if (operator === undefined || checkpoint === undefined) {
    throw new MusterError(
      'USAGE',
      'which ledger? name a run, or --url, --pipeline, --operator and --checkpoint',
      {
        hint: 'muster ledger verify runs/demo-twin-1, or muster up and then muster ledger verify',
      },
    );
  }
  const given = journal === undefined ? {} : { journal };
  return verifyAgainst({ ...(await ledgerOf(flags)), operator, checkpointFile: checkpoint, ...given });
}
