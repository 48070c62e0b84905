import type { Command } from 'commander';
import { addQuestions } from './ask.ts';
import { addLooks } from './list.ts';
import { addSettling } from './settle.ts';

export function addVerbs(noun: Command): void {
  addQuestions(noun);
  addLooks(noun);
  addSettling(noun);
}
