import type { Command } from 'commander';
import { addApply } from './apply.ts';
import { addDiff } from './diff.ts';
import { addGet } from './get.ts';
import { addPlan } from './plan.ts';
import { addSchema } from './schema.ts';
import { addUpgrade } from './upgrade.ts';
import { addValidate } from './validate.ts';

export function addVerbs(noun: Command): void {
  addPlan(noun);
  addGet(noun);
  addValidate(noun);
  addDiff(noun);
  addApply(noun);
  addUpgrade(noun);
  addSchema(noun);
}
