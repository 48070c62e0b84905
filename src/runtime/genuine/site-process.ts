import type { ChildProcess } from 'node:child_process';
import type { FromSite, ToSite } from '../../protocol/site-control.ts';
import { FromSiteSchema } from '../../protocol/site-control.ts';
import { endChild, gone, spawnChild } from '../child-process.ts';

export interface SiteProcess {
  readonly site: string;
  readonly pid: number | undefined;
  send(message: ToSite): void;
  stop(): Promise<void>;
}

/** Starts the daemon of a site, which starts its guard. */
export function startSite(options: {
  readonly program: string;
  readonly site: Extract<ToSite, { kind: 'site' }>;
  onMessage(message: FromSite): void;
  /** It has ended without being asked to. */
  onEnd(): void;
}): SiteProcess {
  const { program, site, onMessage, onEnd } = options;
  const child: ChildProcess = spawnChild(program, []);
  let stopping = false;
  child.on('message', (input) => {
    const parsed = FromSiteSchema.safeParse(input);
    if (parsed.success) onMessage(parsed.data);
  });
  child.once('exit', () => {
    if (!stopping) onEnd();
  });
  const send = (message: ToSite): void => {
    if (child.connected) child.send(message, gone);
  };
  send(site);
  return {
    site: site.site,
    pid: child.pid,
    send,
    stop: () => {
      stopping = true;
      return endChild(child);
    },
  };
}
