import type { Command } from 'commander';
import { addDescribe } from './describe.ts';
import { addList } from './list.ts';

export function addVerbs(noun: Command): void {
  addList(noun);
  addDescribe(noun);
}
