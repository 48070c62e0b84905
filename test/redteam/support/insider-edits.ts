import { WITHOUT_COMPARISON } from './liar-edits.ts';
import type { Edit } from './product-copy.ts';

const AGENT = 'src/runtime/agent-process/running-agent.ts';
const GUARD = 'src/runtime/guard/guard.ts';
const COMMITTING = 'src/runtime/guard/committing.ts';
const JUDGE = 'src/runtime/guard/judge.ts';
const GROUP_KEY = 'src/runtime/guard/group-key.ts';
const CIPHER = 'src/adapters/keys/frame-cipher.ts';
const FENCE = 'src/runtime/site-daemon/fence.ts';

export interface Levers {
  /** A file with the seconds by which daemons' time of day is shifted. */
  readonly skew: string;
  /** A file: the next steward seals rubbish, and removes it. */
  readonly rubbish: string;
}

/** Makes insiders of agents, guards and daemons. */
export function insiderEdits({ skew, rubbish }: Levers): readonly Edit[] {
  return [
    // They would be thrown out for it in their next round, before each of the other defences has shown what it does.
    WITHOUT_COMPARISON,
    {
      file: AGENT,
      find: "import { TelemetrySender } from './telemetry.ts';",
      put: "import { TelemetrySender } from './telemetry.ts'; import { carryAsInsider, held } from './insider.ts';",
    },
    {
      file: AGENT,
      find: "carry: (to, frame) => this.#link.send({ kind: 'frame', to, frame }),",
      put: `carry: (to, frame) => {
        this.#link.send({ kind: 'frame', to, frame });
        carryAsInsider(self, frame, (b) => signingKey.sign(b), (t: any, f) => { this.#link.send({ kind: 'frame', to: t, frame: f }); });
      },`,
    },
    {
      file: AGENT,
      find: 'this.#cipher.rotate(number, key, grace);',
      put: 'this.#cipher.rotate(number, key, grace); held.key = Uint8Array.from(key);',
    },
    {
      file: 'src/runtime/agent-process/daemon-link.ts',
      find: "return this.send({ kind: 'command', body, signature: signingKey.sign(body) });",
      put: `const sent = this.send({ kind: 'command', body, signature: signingKey.sign(body) });
    commandAsInsider(command, (b) => signingKey.sign(b), (m) => { this.send(m); }, () => ++this.#commands);
    return sent;`,
    },
    {
      file: 'src/runtime/agent-process/daemon-link.ts',
      find: "import { helloBytes } from '../site-daemon/hello.ts';",
      put: "import { helloBytes } from '../site-daemon/hello.ts'; import { commandAsInsider } from './insider.ts';",
    },
    {
      file: GUARD,
      find: 'void this.#keeper.spawn(message.order);',
      put: `{
          const { order } = message;
          const changed = order.incarnation > 1 && order.name === 'a5' ? { config: order.config.replace('"startMs":', '"startMs": ') } : {};
          void this.#keeper.spawn({ ...order, ...changed });
        }`,
    },
    {
      file: GROUP_KEY,
      find: "if (sealed?.kind !== 'epoch-sealed' || sealed.envelopes.length !== members.length) return;",
      put: `if (sealed?.kind !== 'epoch-sealed' || sealed.envelopes.length !== members.length) return;
    if (existsSync(${JSON.stringify(rubbish)})) {
      rmSync(${JSON.stringify(rubbish)});
      sealed.envelopes.splice(0, Infinity, ...sealed.envelopes.map(() => toHex(randomBytes(80))));
    }`,
    },
    {
      file: GROUP_KEY,
      find: "import { nameOf } from '../trust/handovers.ts';",
      put: `import { randomBytes } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { toHex } from '../../adapters/keys/hex.ts';
import { nameOf } from '../trust/handovers.ts';`,
    },
    {
      file: COMMITTING,
      find: '...plannedClaims(order, manifest, ',
      put: "...plannedClaims(order, order.name === 'a8' && order.incarnation > 1 ? { ...manifest, policy: { ...manifest.policy, maxThreads: 999 } } : manifest, ",
    },
    {
      file: JUDGE,
      find: "if (phase !== 'committed') continue;\n      const ours =",
      put: "if (phase !== 'challenged' && phase !== 'committed') continue;\n      const ours = Boolean(1) ||",
    },
    {
      file: JUDGE,
      find: "async takeShare({ round, holder, sealed }: Extract<ToGuard, { kind: 'share' }>): Promise<void> {",
      put: `async takeShare({ round, holder, sealed }: Extract<ToGuard, { kind: 'share' }>): Promise<void> {
    const { trust, agents, log } = this.#options;
    const asked = trust.state.rounds.get(round);
    const mine = asked?.verifiers.some((key) => agents.has(key)) === true;
    if (asked?.phase === 'challenged' || !mine) log('ANSWER TOO EARLY');`,
    },
    {
      file: COMMITTING,
      find: 'const measured = await source.measure(handle, nonce)',
      put: 'await new Promise((resolve) => setTimeout(resolve, 2000)); const measured = await source.measure(handle, nonce)',
    },
    {
      file: 'src/runtime/trust/trust-view.ts',
      find: 'export const wallSeconds = (): number => Date.now() / 1000;',
      put: `import { readFileSync } from 'node:fs';
const skew = (): number => { try { return Number(readFileSync(${JSON.stringify(skew)}, 'utf8')); } catch { return 0; } };
export const wallSeconds = (): number => Date.now() / 1000 + ((process.argv[1] ?? '').includes('siteDaemon') ? skew() : 0);`,
    },
  ];
}

/** Receivers, daemons and a registry without the checks that those insiders run into. */
export const WEAK_PEERS: readonly Edit[] = [
  { file: CIPHER, find: "if (!window.isNew(header.seq)) return refuse('replayed');", put: '' },
  { file: CIPHER, find: "if (header.to !== self) return refuse('not-for-us');", put: 'void self;' },
  { file: CIPHER, find: "return refuse('bad-signature');", put: 'void 0;' },
  { file: FENCE, find: "return refuse('it is for another agent or pipeline');", put: 'void 0;' },
  { file: FENCE, find: 'if (agent.incarnation !== command.incarnation) {', put: 'if (Boolean(false)) {' },
  {
    file: FENCE,
    find: 'if (agent.frameKey === ZERO || !verifySignature(agent.frameKey, body, signature)) {',
    put: 'if (Boolean(false)) {',
  },
  {
    file: FENCE,
    find: 'if (epoch === undefined || !isCurrent(command.epoch, key, trust)) {',
    put: 'void isCurrent; if (Boolean(false)) {',
  },
  {
    file: 'src/runtime/award-fence.ts',
    find: 'if (standing.owner !== agent) return refused(isOf(rule, standing));',
    put: '',
  },
  {
    file: 'src/runtime/award-fence.ts',
    find: 'if (!mayReplace) return refused(isOf(rule, standing));',
    put: '',
  },
  {
    file: FENCE,
    find: "if (command.seq <= (this.#last.get(id) ?? 0)) return refuse('it has been given before');",
    put: '',
  },
  {
    file: 'src/runtime/guard/expected.ts',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the text of a program
    find: 'sha256(`${order.imageDigest}\\n${sha256(order.config)}`)',
    put: "sha256('any')",
  },
  {
    file: 'src/runtime/guard/expected.ts',
    find: 'maxThreads, writtenTextKb: 0',
    put: 'maxThreads: 1 + 0 * maxThreads, writtenTextKb: 0',
  },
  {
    file: 'contracts/src/KeyVault.sol',
    find: 'return uint256(_holders) * 2 > ledger.keyedCount();',
    put: 'return true;',
  },
  {
    file: 'src/runtime/trust/share-request.ts',
    find: "if (found?.phase !== 'committed' || ",
    put: 'if (found === undefined || ',
  },
  {
    file: 'src/runtime/trust/share-request.ts',
    find: 'return isVerifier ? found',
    put: 'return isVerifier || Boolean(1) ? found',
  },
];
