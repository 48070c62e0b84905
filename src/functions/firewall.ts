import { z } from 'zod';
import { nft } from './call-tool.ts';
import type { FirewallRule } from './firewall-rule.ts';
import { nftRule, readRule, ruleText } from './firewall-rule.ts';
import { stampingIfAsked } from './forwarder.ts';
import type { FunctionProgram } from './function-program.ts';
import { listOf, readParameters, readUnitParameters } from './parameters.ts';
import { stampShape } from './stamps/stamp-options.ts';

const MAX_RULES = 256;

/**
 * Lets through what its rules say: the first that matches decides, `policy` where none does; answers to what was let through may pass. What is
 * sent to the firewall itself is no business of its rules.
 */
export const firewall: FunctionProgram = async ({ parameters }) => {
  const given = readUnitParameters(parameters, {
    policy: z.enum(['accept', 'drop']).default('drop'),
    rules: listOf(z.string().transform(readRule), ';'),
    ...stampShape,
  });
  let rules: readonly FirewallRule[] = given.rules;
  const apply = async (next: readonly FirewallRule[]) => {
    await nft(tableText(given.policy, next));
    rules = next;
  };
  await apply(rules);
  const stamping = await stampingIfAsked(given);
  const one = { rule: z.string().max(300).transform(readRule) };
  return {
    ...stamping,
    primitives: {
      'add-rule': async (asked) => {
        const { rule } = readParameters(asked, one);
        if (rules.length >= MAX_RULES) throw new Error(`it has ${MAX_RULES} rules already`);
        const text = ruleText(rule);
        // Before the others: what is added later is meant to count. Asked for twice it is there once.
        await apply([rule, ...rules.filter((each) => ruleText(each) !== text)]);
        return text;
      },
      'remove-rule': async (asked) => {
        const text = ruleText(readParameters(asked, one).rule);
        const left = rules.filter((each) => ruleText(each) !== text);
        if (left.length === rules.length) throw new Error(`it has no rule \`${text}\``);
        await apply(left);
        return text;
      },
      'list-rules': async () => [...rules.map(ruleText), given.policy].join('\n'),
    },
  };
};

/** In place of the table before, in one transaction: there is no moment without rules. */
function tableText(policy: string, rules: readonly FirewallRule[]): string {
  return `add table inet muster_firewall
delete table inet muster_firewall
table inet muster_firewall {
  chain through {
    type filter hook prerouting priority mangle;
    fib daddr type { local, broadcast, multicast } accept
    ct state established,related accept
${rules.map((rule) => `    ${nftRule(rule)}`).join('\n')}
    counter ${policy}
  }
}
`;
}
