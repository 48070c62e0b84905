import type { Option } from 'commander';
import { Command } from 'commander';

/** A command whose every flag can also be given in the environment, as MUSTER_<FLAG>. */
export class EnvCommand extends Command {
  override createCommand(name?: string): Command {
    return new EnvCommand(name);
  }

  override addOption(option: Option): this {
    const name = option.long?.replace('--', '').toUpperCase().replaceAll('-', '_');
    // Of a flag without a value, commander only asks whether the variable is there.
    if (name !== undefined && (!option.isBoolean() || isOn(process.env[`MUSTER_${name}`]))) {
      option.env(`MUSTER_${name}`);
    }
    return super.addOption(option);
  }
}

/** Whether a variable of the environment switches something on: unset, empty, 0, false, no and off do not. */
export function isOn(value: string | undefined): boolean {
  return !['', '0', 'false', 'no', 'off'].includes((value ?? '').trim().toLowerCase());
}
