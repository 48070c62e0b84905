import type { Command } from 'commander';
import { addApply, addDiff } from './apply.ts';
import { addChanges } from './change.ts';
import { addDescribe } from './describe.ts';
import { addImprove } from './improve.ts';
import { addList } from './list.ts';
import { addOperations } from './operation.ts';
import { addUnitCommands } from './unit.ts';

export function addVerbs(noun: Command): void {
  addApply(noun);
  addDiff(noun);
  addList(noun);
  addDescribe(noun);
  addChanges(noun);
  addImprove(noun);
  addUnitCommands(noun);
  addOperations(noun.command('operation').description('what is being done to services, or was'));
}
