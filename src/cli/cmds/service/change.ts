import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { MusterError } from '../../../protocol/errors.ts';
import type { Operation } from '../../../protocol/operation-record.ts';
import type { ServiceInstance } from '../../../protocol/service-record.ts';
import { loadServiceFiles } from '../../../runtime/services/load-service-files.ts';
import { example } from '../../example.ts';
import { note, out } from '../../printer.ts';
import type { ServiceClient } from '../../service-client.ts';
import { wholeNumber } from '../../whole-number.ts';
import { uncontrolled } from './await-control.ts';
import { followed, type WaitFlags } from './await-operation.ts';
import { serviceClient, serviceNamed } from './service-in.ts';

/** `service scale`, `heal`, `action`, `update`, `terminate`: each begins an operation. */
export function addChanges(parent: Command): void {
  verb(parent, 'scale', 'more or fewer units of a function, along one of its scaling aspects')
    .requiredOption('--vnf <vnf>', 'the function, as `service describe` names it')
    .option('--aspect <aspect>', 'the scaling aspect; not needed when there is one')
    .option('--out', 'more units')
    .option('--in', 'fewer units')
    .option('--steps <levels>', 'by how many levels', '1')
    .addHelpText('after', example('muster service scale shop --vnf web --out --wait'))
    .action(
      (
        typed: string,
        flags: WaitFlags & { vnf: string; aspect?: string; out?: boolean; in?: boolean; steps: string },
      ) => {
        if ((flags.out === true) === (flags.in === true)) {
          throw new MusterError('USAGE', 'out or in?', {
            hint: `muster service scale ${typed} --vnf ${flags.vnf} --out`,
          });
        }
        const { vnf, aspect } = flags;
        const request = {
          vnf,
          direction: flags.out === true ? ('out' as const) : ('in' as const),
          steps: wholeNumber('steps', flags.steps, 1000),
          ...(aspect === undefined ? {} : { aspect }),
        };
        return carriedOut(typed, flags, (client, { id }) => client.scale(id, request));
      },
    );
  verb(parent, 'heal', 'put new units in the place of those that have failed, or of those that are named')
    .option('--unit <unit...>', 'units, as `service describe` names them')
    .option('--vnf <vnf>', 'all units of a function')
    .option('--vdu <vdu>', 'all units of a VDU')
    .option('--day1', 'do again what is done on the first day')
    .addHelpText('after', example('muster service heal shop', 'muster service heal shop --unit web/vm/0'))
    .action(
      (typed: string, flags: WaitFlags & { unit?: string[]; vnf?: string; vdu?: string; day1?: boolean }) => {
        const { unit: units, vnf, vdu, day1 } = flags;
        const request = {
          ...(units === undefined ? {} : { units }),
          ...(vnf === undefined ? {} : { vnf }),
          ...(vdu === undefined ? {} : { vdu }),
          ...(day1 === undefined ? {} : { day1 }),
        };
        return carriedOut(typed, flags, (client, { id }) => client.heal(id, request));
      },
    );
  verb(parent, 'action', 'carry out a primitive of a function')
    .requiredOption('--vnf <vnf>', 'the function, as `service describe` names it')
    .requiredOption('--primitive <name>')
    .option('--param <name=value...>', 'values for its parameters')
    .option('--unit <unit>', 'on this unit alone')
    .addHelpText(
      'after',
      example('muster service action shop --vnf wall --primitive add-rule --param port=22 --wait'),
    )
    .action(
      (
        typed: string,
        flags: WaitFlags & { vnf: string; primitive: string; param?: string[]; unit?: string },
      ) => {
        const { vnf, primitive, unit } = flags;
        const request = {
          vnf,
          primitive,
          parameters: valuesIn(flags.param ?? []),
          ...(unit === undefined ? {} : { unit }),
        };
        return carriedOut(typed, flags, (client, { id }) => client.action(id, request));
      },
    );
  verb(parent, 'update', 'other wishes for a service, or its packages as they are onboarded now')
    .option('-f, --file <path>', 'a service file')
    .addHelpText(
      'after',
      example('muster service update shop -f shop.yaml --wait', 'muster service update shop'),
    )
    .action(async (typed: string, flags: WaitFlags & { file?: string }) => {
      const loaded = flags.file === undefined ? undefined : await loadServiceFiles([flags.file]);
      const [file] = loaded?.services ?? [];
      return carriedOut(typed, flags, (client, { id }) =>
        client.update(id, file === undefined ? {} : { file }),
      );
    });
  verb(parent, 'terminate', 'end a service: nothing of it is left running')
    .option('--remove', 'forget it too')
    .option('--yes', 'do not ask')
    .addHelpText('after', example('muster service terminate shop --yes --wait'))
    .action(async (typed: string, flags: WaitFlags & { remove?: boolean; yes?: boolean }) => {
      const { name, state, id, shape, wanted } = await serviceNamed(serviceClient(), typed);
      if (flags.yes !== true && !(await isSure(name))) return note('nothing is ended');
      if (flags.remove === true && state === 'NOT_INSTANTIATED' && shape.units.length === 0) {
        await serviceClient().remove(id);
        return out(`${name} is forgotten\n`);
      }
      const isAwaited = flags.wait === true && wanted.control === 'planned';
      const { agents } = isAwaited ? await serviceClient().control(id) : { agents: [] };
      await carriedOut(id, flags, (client, service) =>
        client.terminate(service.id, { remove: flags.remove === true }),
      );
      if (isAwaited) await uncontrolled(name, agents, flags);
    });
}

function verb(parent: Command, name: string, about: string): Command {
  return parent
    .command(name)
    .argument('<service>', 'its name or id')
    .description(about)
    .option('--wait', 'until it is over, telling how far it is')
    .option('--timeout <seconds>', 'how long to wait at most', '120');
}

async function carriedOut(
  typed: string,
  flags: WaitFlags,
  begin: (client: ServiceClient, service: ServiceInstance) => Promise<Operation>,
): Promise<void> {
  const client = serviceClient();
  const ended = await followed(client, await begin(client, await serviceNamed(client, typed)), flags);
  out(`${ended.params.kind} of ${ended.serviceName}: ${ended.state} (${ended.id})\n`);
  for (const { primitive, unit, output } of ended.outputs)
    out(`${primitive} on ${unit}: ${output.trim() || 'done'}\n`);
}

function valuesIn(settings: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    settings.map((setting) => {
      const at = setting.indexOf('=');
      if (at > 0) return [setting.slice(0, at), setting.slice(at + 1)];
      throw new MusterError('USAGE', `--param: not name=value: ${setting}`, { hint: '--param port=22' });
    }),
  );
}

/** Asks at a terminal; without one, nobody can answer. */
async function isSure(name: string): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new MusterError('USAGE', 'nobody is there to be asked', {
      hint: `muster service terminate ${name} --yes`,
    });
  }
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await lines.question(`end ${name}, and all that runs of it? [y/N] `)).trim());
  } finally {
    lines.close();
  }
}
