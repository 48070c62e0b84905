import { runIn } from '../plane-linux/run-tool.ts';

/** What is to be done in the namespace of a site, by tool; one process does it, in the order of `TOOLS`. */
export interface SiteScript {
  readonly ip?: readonly string[];
  readonly bridge?: readonly string[];
  /** Goes on after a line that fails: for what may be gone already. */
  readonly forcedIp?: readonly string[];
  readonly forcedBridge?: readonly string[];
  readonly tc?: readonly string[];
  readonly nft?: readonly string[];
}

const TOOLS = [
  ['ip', "ip -batch - <<'END'"],
  ['bridge', "bridge -batch - <<'END'"],
  ['tc', "tc -batch - <<'END'"],
  ['nft', "nft -f - <<'END'"],
  ['forcedIp', "ip -force -batch - 2>/dev/null <<'END' || :"],
  ['forcedBridge', "bridge -force -batch - 2>/dev/null <<'END' || :"],
] as const satisfies readonly (readonly [keyof SiteScript, string])[];

/** Names and addresses in the lines are ours or have been checked: none holds white space of its own. */
export async function runSiteScript(namespace: string, script: SiteScript): Promise<void> {
  const parts = TOOLS.flatMap(([tool, command]) => {
    const lines = script[tool] ?? [];
    return lines.length === 0 ? [] : [`${command}\n${lines.join('\n')}\nEND\n`];
  });
  if (parts.length > 0) await runIn(namespace, ['sh', '-e'], parts.join(''));
}
