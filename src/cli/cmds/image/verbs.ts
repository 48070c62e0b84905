import type { Command } from 'commander';
import { addBuild } from './build.ts';
import { addKey } from './key.ts';
import { addSign } from './sign.ts';
import { addVerify } from './verify.ts';

export function addVerbs(noun: Command): void {
  addBuild(noun);
  addVerify(noun);
  addSign(noun);
  addKey(noun);
}
