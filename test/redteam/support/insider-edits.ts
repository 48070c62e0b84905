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
  /** A file: while it is there, the next steward's guard seals rubbish, whoever of its agents is steward, and writes its number and the steward's name into it. */
  readonly rubbish: string;
}

/** Makes insiders of agents and guards. */
export function insiderEdits({ rubbish }: Levers): readonly Edit[] {
  return [
    // They would be thrown out for it in their next round, before each of the other defences has shown what it does.
    WITHOUT_COMPARISON,
    ...THEFT,
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
    const mark = ${JSON.stringify(rubbish)};
    const whose = existsSync(mark) ? readFileSync(mark, 'utf8') : undefined;
    if (whose === '' || whose?.startsWith(process.pid + ' ')) {
      if (whose === '') writeFileSync(mark, process.pid + ' ' + agent.order.name);
      sealed.envelopes.splice(0, Infinity, ...sealed.envelopes.map(() => toHex(randomBytes(80))));
    }`,
    },
    {
      file: GROUP_KEY,
      find: "import { nameOf } from '../trust/handovers.ts';",
      put: `import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
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
    // A round that is over is not early; and a daemon may see the block of a commit before this guard does.
    const early = () => {
      const asked = trust.state.rounds.get(round);
      if (asked === undefined) return false;
      return asked.phase === 'challenged' || !asked.verifiers.some((key) => agents.has(key));
    };
    if (early()) setTimeout(() => { if (early()) log('ANSWER TOO EARLY'); }, 800);`,
    },
    {
      file: COMMITTING,
      find: 'const measured = await source.measure(handle, nonce)',
      put: 'await new Promise((resolve) => setTimeout(resolve, 2000)); const measured = await source.measure(handle, nonce)',
    },
  ];
}

/** The keys of these agents come out; whoever has them uses them from another process. */
export const ROBBED = ['a4', 'a6'] as const;

const THEFT: readonly Edit[] = [
  {
    file: 'src/adapters/keys/signing-key.ts',
    find: "const { publicKey, privateKey } = generateKeyPairSync('ed25519');",
    put: `const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  Object.assign(globalThis, { ownKey: privateKey.export({ format: 'jwk' }) });`,
  },
  {
    file: AGENT,
    find: 'this.#log?.begin(agent);',
    put: `this.#log?.begin(agent);
    Object.assign(globalThis, { takenFrame: (text: string) => options.send({ kind: 'log', text: 'frame taken: ' + text }) });
    if (${JSON.stringify(ROBBED)}.includes(self as any))
      options.send({ kind: 'log', text: 'STOLEN ' + incarnation + ' ' + JSON.stringify((globalThis as any).ownKey) });`,
  },
  {
    file: CIPHER,
    find: 'const seq = (this.#sent.get(to) ?? 0) + 1;',
    put: 'const seq = (this.#sent.get(to) ?? 0) + 1 + numbersUsedUp(to);',
  },
  {
    file: CIPHER,
    find: "import { ReplayWindow } from './replay-window.ts';",
    put: "import { ReplayWindow } from './replay-window.ts'; import { numbersUsedUp } from '../../runtime/agent-process/insider.ts';",
  },
];

/** A receiver of frames without its checks: it takes whatever it can open, and says what was wrong with it. */
const WEAK_CIPHER: readonly Edit[] = [
  {
    file: CIPHER,
    find: 'const { header, sealed, signature } = frame;',
    put: `const { sealed, signature } = frame;
    const wrong: string[] = [];
    const now = this.#epoch?.number ?? 0;
    const header = frame.header.epoch === now + 1 ? { ...frame.header, epoch: now } : frame.header;
    if (header !== frame.header) wrong.push('wrong-epoch');`,
  },
  {
    file: CIPHER,
    find: "if (header.to !== self) return refuse('not-for-us');",
    put: "if (header.to !== self) wrong.push('not-for-us');",
  },
  {
    file: CIPHER,
    find: "if (!verifySignature(peer.frameKey, Buffer.concat([aad, sealed]), signature))\n      return refuse('bad-signature');",
    put: "if (!verifySignature(peer.frameKey, Buffer.concat([headerBytes(frame.header), sealed]), signature)) wrong.push('bad-signature');",
  },
  {
    file: CIPHER,
    find: "if (!window.isNew(header.seq)) return refuse('replayed');",
    put: "if (!window.isNew(header.seq)) wrong.push('replayed');",
  },
  {
    file: CIPHER,
    find: 'const opened = this.#decrypt(frame, aad, key);',
    put: 'const opened = this.#decrypt({ ...frame, header }, aad, key, wrong);',
  },
  {
    file: CIPHER,
    find: '#decrypt({ header, sealed }: Frame, aad: Uint8Array, key: Uint8Array): Uint8Array | undefined {',
    put: '#decrypt({ header, sealed }: Frame, aad: Uint8Array, key: Uint8Array, wrong: string[]): Uint8Array | undefined {',
  },
  {
    file: CIPHER,
    find: 'return new Uint8Array(Buffer.concat([plain, decipher.final()]));',
    put: "try { decipher.final(); } catch { wrong.push('not-authentic'); }\n      return new Uint8Array(plain);",
  },
  { file: CIPHER, find: "return refuse('not-as-committed');", put: 'void 0;' },
  {
    file: CIPHER,
    find: 'return { ok: true, from: header.from, plain };',
    put: 'for (const each of wrong) (globalThis as any).takenFrame?.(each);\n    return { ok: true, from: header.from, plain };',
  },
];

/** Receivers, daemons and a registry without the checks that those insiders run into. */
export const WEAK_PEERS: readonly Edit[] = [
  ...WEAK_CIPHER,
  // Whose connection another has taken tells the daemon no heads of its decisions any more.
  {
    file: 'src/runtime/decisions/appraise-decisions.ts',
    find: 'if (came === undefined)',
    put: 'if (Boolean(false))',
  },
  // Who has lost its connection, and who was thrown out, may stay.
  {
    file: 'src/runtime/genuine/may-still-act.ts',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the text of a program
    find: 'if (attested === undefined) return `${agent} is not attested any more`;',
    put: 'if (Boolean(true) || attested === undefined) return undefined;',
  },
  {
    file: 'src/runtime/agent-process/daemon-link.ts',
    find: 'onClose: () => process.exit(0),',
    put: "onClose: () => { if (options.config.name !== 'a6') process.exit(0); },",
  },
  {
    file: FENCE,
    find: 'const agent = trust.attested(key);',
    put: 'const agent = trust.state.agents.get(key);',
  },
  {
    file: 'src/runtime/site-daemon/agent-door.ts',
    find: "this.#options.onRefused(agent, 'it is not attested any more: cut off');\n      connection.close();",
    put: 'void connection;',
  },
  { file: FENCE, find: "return refuse('it is for another agent or pipeline');", put: 'void 0;' },
  { file: FENCE, find: "return refuse('it takes no part in the group');", put: 'void 0;' },
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
    find: "if (incarnation < last.incarnation || seq <= taken) return refuse('it has been given before');",
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
];

/** Holders that give their share of an answer at any time, and to anyone: verifiers that were given it too early fall silent. */
export const WEAK_HOLDERS: readonly Edit[] = [
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
