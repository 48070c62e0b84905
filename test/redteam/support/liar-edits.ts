import type { Edit } from './product-copy.ts';

const AGENT = 'src/runtime/agent-process/running-agent.ts';

/** Nobody compares what comes out of an agent with what it has decided. */
export const WITHOUT_COMPARISON: Edit = {
  file: 'src/runtime/decisions/appraise-decisions.ts',
  find: 'if (isSameRegister(came, register)) return findings;',
  put: 'void isSameRegister; if (Boolean(1)) return findings;',
};

/** Makes agents that can be told to do something else than what they have decided, and logged. */
export const LIARS: readonly Edit[] = [
  {
    file: AGENT,
    find: "import { TelemetrySender } from './telemetry.ts';",
    put: "import { TelemetrySender } from './telemetry.ts'; import { commanded, oneMore } from './liar.ts';",
  },
  {
    file: AGENT,
    find: 'return this.#link.command(this.#cipher.epoch ?? 0, this.#decision?.number ?? 0, what);',
    put: 'return this.#link.command(this.#cipher.epoch ?? 0, this.#decision?.number ?? 0, commanded(what));',
  },
  {
    file: AGENT,
    find: '          bus.send(message);\n',
    put: `          bus.send(message);
          const more = oneMore(message);
          if (more !== undefined) bus.send(more);\n`,
  },
];
