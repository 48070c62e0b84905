import type { Command } from 'commander';
import { z } from 'zod';
import { MusterError } from '../../protocol/errors.ts';
import { readUpFile } from '../../runtime/up/up-file.ts';
import { askUp } from '../ask-up.ts';
import { example } from '../example.ts';
import { out, outputFormat, printListing } from '../printer.ts';

const StatusSchema = z.looseObject({
  scenario: z.string(),
  plane: z.string(),
  ready: z.boolean(),
  upForS: z.number(),
  epoch: z.number(),
  setVersion: z.number(),
  rootOfTrust: z.string(),
  alarms: z.array(z.string()),
  services: z
    .looseObject({ sites: z.number(), services: z.number(), units: z.number(), running: z.number() })
    .nullable()
    .default(null),
  journal: z.looseObject({ entries: z.number(), dropped: z.number() }).optional(),
  ledger: z.looseObject({ url: z.string(), block: z.number() }).nullable(),
  agents: z.array(
    z.looseObject({
      name: z.string(),
      site: z.string(),
      host: z.string(),
      status: z.string(),
      incarnation: z.number(),
      pid: z.number().nullable(),
      validUntil: z.number(),
      roles: z.array(z.string()),
      reason: z.string(),
    }),
  ),
});

export function addStatus(program: Command): void {
  program
    .command('status')
    .description('what runs here: agents with the state of their attestation, ledger, group key')
    .option('-o, --output <format>', 'table, wide, json, jsonl, yaml or name', 'table')
    .addHelpText('after', example('muster status', 'muster status -o json'))
    .action(async (flags: { output: string }) => {
      const format = outputFormat(flags.output);
      const up = readUpFile();
      if (up === undefined) throw new MusterError('NOT_FOUND', 'nothing is up', { hint: 'muster up' });
      const answer = await askUp(up, 'GET', '/v1/status');
      if (format === 'json') {
        out(`${JSON.stringify(answer, null, 2)}\n`);
        return;
      }
      const status = StatusSchema.parse(answer);
      const rows = status.agents.map((each) => ({
        ...each,
        roles: each.roles.join(','),
        pid: each.pid ?? 0,
        validForS: Math.max(0, Math.round(each.validUntil - Date.now() / 1000)),
      }));
      if (format === 'table' || format === 'wide') {
        const { scenario, plane, upForS, epoch, ledger, rootOfTrust } = status;
        out(
          `${scenario} on the ${plane} plane, up for ${upForS} s; ledger at block ${ledger?.block ?? 0}, group key ${epoch}, root of trust ${rootOfTrust}\n`,
        );
        const { services } = status;
        if (services !== null)
          out(
            `${services.services} services on ${services.sites} sites, ${services.running} of ${services.units} units run\n`,
          );
        if (status.journal !== undefined && status.journal.dropped > 0) {
          const { entries, dropped } = status.journal;
          out(`journal: the last ${entries} entries are kept, ${dropped} before them have been dropped\n`);
        }
        for (const alarm of status.alarms) out(`ALARM  ${alarm}\n`);
      }
      const columns = [
        'name',
        'site',
        'host',
        'status',
        'incarnation',
        'validForS',
        'pid',
        'roles',
        'reason',
      ] as const;
      printListing({ rows, columns }, format);
    });
}
