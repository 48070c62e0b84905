import type { AgentSpec } from '../../../ports/evidence-source.ts';
import type { ControlLine } from '../../../protocol/control-line.ts';
import type { SpawnedAgent } from '../spawn-agent.ts';
import { spawnAgent } from '../spawn-agent.ts';

/** An agent whose lines can be waited for, one after the other. */
export interface TestAgent extends SpawnedAgent {
  next(): Promise<ControlLine>;
  /** Sends a line and answers the next one that comes. */
  ask(line: ControlLine): Promise<ControlLine>;
}

/** Starts agents for one test file and ends all of them. */
export function agentsOfTest(vdsoSha256: string): {
  start(spec: AgentSpec): Promise<TestAgent>;
  end(): Promise<void>;
} {
  const started: SpawnedAgent[] = [];
  return {
    start: async (spec) => {
      const lines: ControlLine[] = [];
      const waiting: ((line: ControlLine) => void)[] = [];
      const agent = await spawnAgent(spec, vdsoSha256, (line) => {
        const reader = waiting.shift();
        if (reader === undefined) lines.push(line);
        else reader(line);
      });
      started.push(agent);
      const next = () => {
        const line = lines.shift();
        if (line !== undefined) return Promise.resolve(line);
        return new Promise<ControlLine>((resolve) => {
          waiting.push(resolve);
        });
      };
      await next(); // its hello
      const ask = (line: ControlLine) => {
        agent.send(line);
        return next();
      };
      return { ...agent, next, ask };
    },
    end: async () => {
      for (const agent of started) agent.kill('the test is over');
      await Promise.all(started.splice(0).map((agent) => agent.ended));
    },
  };
}
