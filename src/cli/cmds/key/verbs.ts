import type { Command } from 'commander';
import { addList } from './list.ts';

export function addVerbs(noun: Command): void {
  addList(noun);
}
