import { isAllowed } from '../../core/services/check-running.ts';
import type { SiteConfig } from '../../protocol/site-config.ts';
import { HttpProblem } from '../http/http-problem.ts';

/** Asks a subscriber; the status that it answers. Rejects when it does not. */
export type Ask = (uri: string, body: unknown) => Promise<number>;

/** Refuses an address that is not on the allow-list, or at which nobody is to be told (ETSI GS NFV-SOL 005 clause 6.4.18). */
export async function requireCallback(uri: string, { webhooks }: SiteConfig, ask: Ask): Promise<void> {
  requireAllowed(uri, webhooks.allowHosts);
  const status = await ask(uri, undefined).catch(() => undefined);
  if (status === 204) return;
  throw new HttpProblem({
    status: 422,
    reason: `the callback URI ${status === undefined ? 'does not answer' : `answers ${status}`} to GET`,
    hint: 'it has to answer 204, so that it is known to want notifications',
  });
}

function requireAllowed(uri: string, allowHosts: readonly string[]): void {
  if (isAllowed(uri, allowHosts)) return;
  throw new HttpProblem({
    status: 422,
    reason: 'the host of the callback URI is not on the allow-list',
    hint: 'have the operator add it to site.yaml: webhooks: { allowHosts: [..] }, without a user name in the URI',
  });
}
