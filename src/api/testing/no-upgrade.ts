import type { UpgradeView } from '../../protocol/upgrade.ts';

/** Of agents that have all been on one image. */
export const NO_UPGRADE: UpgradeView = {
  state: 'none',
  from: { name: 'agent', version: 1, sha256: 'ab'.repeat(32) },
  to: null,
  startedBy: null,
  agents: [],
  durationMs: null,
  reason: null,
};
