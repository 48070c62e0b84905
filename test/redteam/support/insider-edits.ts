import type { Edit } from './product-copy.ts';

const AGENT = 'src/runtime/agent-process/agent-process.ts';
const GUARD = 'src/runtime/guard/guard.ts';
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
      file: 'src/runtime/site-daemon/site-daemon.ts',
      find: "case 'answer':\n      case 'cosign':\n        this.#toGuard(message);",
      put: `case 'answer':
      case 'cosign':
        if (message.kind === 'spawn' && message.order.incarnation > 1 && ['a5', 'a8'].includes(message.order.name)) {
          const { order } = message;
          const changed = order.name === 'a5' ? { config: order.config.replace('"startMs":', '"startMs": ') } : { policySha256: '0'.repeat(64) };
          this.#toGuard({ ...message, order: { ...order, ...changed } });
          return;
        }
        this.#toGuard(message);`,
    },
    {
      file: GUARD,
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the text of a program
      find: "if (phase !== 'committed') continue;\n      const ours = verifiers.some((key) => this.#agents.has(key) && !this.#judged.has(`${round} ${key}`));",
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the text of a program
      put: "if (phase !== 'challenged' && phase !== 'committed') continue;\n      const ours = !verifiers.some((key) => this.#judged.has(`${round} ${key}`));",
    },
    {
      file: GUARD,
      find: "if (sealed?.kind !== 'epoch-sealed' || sealed.envelopes.length !== members.length) return;",
      put: `if (sealed?.kind !== 'epoch-sealed' || sealed.envelopes.length !== members.length) return;
    if (existsSync(${JSON.stringify(rubbish)})) {
      rmSync(${JSON.stringify(rubbish)});
      sealed.envelopes.splice(0, Infinity, ...sealed.envelopes.map(() => toHex(randomBytes(80))));
    }`,
    },
    {
      file: GUARD,
      find: "import { readFile } from 'node:fs/promises';",
      put: "import { existsSync, rmSync } from 'node:fs';\nimport { readFile } from 'node:fs/promises';",
    },
    {
      file: GUARD,
      find: 'void this.#judge(message.round, message.answer, message.reference, message.quote);',
      put: `{
          const asked = this.#trust.state.rounds.get(message.round);
          const mine = asked?.verifiers.some((key) => this.#agents.has(key)) === true;
          if (asked?.phase === 'challenged' || !mine) this.#log('ANSWER TOO EARLY');
        }
        void this.#judge(message.round, message.answer, message.reference, message.quote);`,
    },
    {
      file: GUARD,
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
    find: 'sha256(`${order.policySha256}\\n${sha256(order.config)}`)',
    put: "sha256('any')",
  },
  {
    file: 'src/runtime/registry/registry.ts',
    find: "if (round?.phase !== 'committed') return undefined;",
    put: 'if (round === undefined) return undefined;',
  },
  {
    file: 'contracts/src/KeyVault.sol',
    find: 'return uint256(_holders) * 2 > ledger.keyedCount();',
    put: 'return true;',
  },
  {
    file: 'src/runtime/registry/registry.ts',
    find: 'const answer = isVerifier ? this',
    put: 'const answer = isVerifier || Boolean(1) ? this',
  },
];
