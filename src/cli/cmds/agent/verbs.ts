import type { Command } from 'commander';
import { addChanges, addRevoke } from './change.ts';
import { addDescribe } from './describe.ts';
import { addList } from './list.ts';
import { addStart } from './start.ts';

export function addVerbs(noun: Command): void {
  addList(noun);
  addDescribe(noun);
  addChanges(noun);
  addStart(noun);
  addRevoke(noun);
}
