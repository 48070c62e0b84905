import type { Command } from 'commander';
import { addDelete } from './delete.ts';
import { addDescribe } from './describe.ts';
import { addList } from './list.ts';
import { addOnboard } from './onboard.ts';
import { addValidate } from './validate.ts';

export function addVerbs(noun: Command): void {
  addValidate(noun);
  addOnboard(noun);
  addList(noun);
  addDescribe(noun);
  addDelete(noun);
}
