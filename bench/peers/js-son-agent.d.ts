/** What the benchmarks use of JS-son 0.0.15, which ships without types. */
declare module 'js-son-agent' {
  export type Beliefs = { [id: string]: unknown };
  export type Action = { [key: string]: unknown };
  export function Belief(id: string, value: unknown): Beliefs;
  export function Plan(
    head: (beliefs: Beliefs) => boolean,
    body: (beliefs: Beliefs) => readonly Action[],
  ): object;
  export class Agent {
    constructor(parts: {
      id: string;
      beliefs: Beliefs;
      desires: object;
      plans: readonly object[];
      selfUpdatesPossible?: boolean;
    });
    next(beliefs: Beliefs): readonly (readonly Action[])[];
  }
  export class Environment {
    constructor(
      agents: readonly Agent[],
      state: Beliefs,
      update: (actions: readonly (readonly Action[])[], agentId: string, state: Beliefs) => Beliefs,
      render: (state: Beliefs) => void,
      stateFilter: (state: Beliefs, agentId: string, beliefs: Beliefs) => Beliefs,
    );
    history: unknown[];
    run(iterations: number): unknown;
  }
}
