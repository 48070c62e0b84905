import type { Command } from 'commander';
import { addCreate } from './create.ts';
import { addList } from './list.ts';
import { addRevoke } from './revoke.ts';

export function addVerbs(noun: Command): void {
  addCreate(noun);
  addList(noun);
  addRevoke(noun);
}
