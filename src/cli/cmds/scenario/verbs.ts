import type { Command } from 'commander';
import { addDescribe } from './describe.ts';
import { addList } from './list.ts';
import { addRun } from './run.ts';
import { addSchema } from './schema.ts';

export function addVerbs(noun: Command): void {
  addRun(noun);
  addList(noun);
  addDescribe(noun);
  addSchema(noun);
}
