import type { z } from 'zod';
import { endChild, gone, spawnChild } from '../child-process.ts';

/** A program of a site that the supervisor has started and speaks with. */
export interface SiteProcess<To> {
  readonly pid: number | undefined;
  send(message: To): void;
  stop(): Promise<void>;
}

/** Starts a site's daemon or guard, which ends with this process. What it says that is no message is not taken. */
export function startSiteProcess<To extends object, From>(options: {
  readonly program: string;
  readonly arguments: readonly string[];
  /** File of the network namespace that it lives in; absent: ours. */
  readonly networkOf?: string | undefined;
  readonly says: z.ZodType<From>;
  onMessage(message: From): void;
  /** It has ended without being asked to. */
  onEnd(): void;
}): SiteProcess<To> {
  const { program, says, onMessage, onEnd } = options;
  const child = spawnChild(program, options.arguments, options.networkOf);
  let stopping = false;
  child.on('message', (input) => {
    const parsed = says.safeParse(input);
    if (parsed.success) onMessage(parsed.data);
  });
  child.once('exit', () => {
    if (!stopping) onEnd();
  });
  return {
    pid: child.pid,
    send: (message) => {
      if (child.connected) child.send(message, gone);
    },
    stop: () => {
      stopping = true;
      return endChild(child);
    },
  };
}
