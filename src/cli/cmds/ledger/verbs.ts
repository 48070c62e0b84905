import type { Command } from 'commander';
import { addDescribe } from './describe.ts';
import { addList } from './list.ts';
import { addVerify } from './verify.ts';

export function addVerbs(noun: Command): void {
  addList(noun);
  addDescribe(noun);
  addVerify(noun);
}
