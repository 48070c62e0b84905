import type { Command } from 'commander';
import { z } from 'zod';
import { MusterError } from '../../../protocol/errors.ts';
import { readUpFile } from '../../../runtime/up/up-file.ts';
import { askUp } from '../../ask-up.ts';
import { example } from '../../example.ts';
import { knownName } from '../../known-name.ts';
import { out } from '../../printer.ts';

const AgentsSchema = z.array(z.looseObject({ name: z.string(), status: z.string() }));

export function addStart(parent: Command): void {
  parent
    .command('start')
    .argument('<agent>')
    .description('start an agent again that stays down, since it ended too often or was refused')
    .addHelpText('after', example('muster agent start a3', 'muster status'))
    .action(async (agent: string) => {
      const up = readUpFile();
      if (up === undefined) throw new MusterError('NOT_FOUND', 'nothing is up', { hint: 'muster up' });
      const agents = AgentsSchema.parse(await askUp(up, 'GET', '/v1/agents'));
      const names = agents.map(({ name }) => name);
      const name = knownName(agent, names, 'agent', 'bin/muster status');
      const status = agents.find((each) => each.name === name)?.status;
      if (status !== 'down') {
        throw new MusterError('USAGE', `${name} is not down: it is ${status}`, { hint: 'muster status' });
      }
      await askUp(up, 'POST', `/v1/agents/${name}/start`);
      out(`${name} is started again\n`);
    });
}
