import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { createGuardSource } from '../../adapters/evidence-guard/guard-source.ts';
import { createTpmSource } from '../../adapters/evidence-tpm/tpm-source.ts';
import { addressOf } from '../../adapters/keys/ethereum-account.ts';
import { toHex } from '../../adapters/keys/hex.ts';
import { newKemKey } from '../../adapters/keys/kem-key.ts';
import type { Hex } from '../../protocol/ledger.ts';
import type { FromGuard } from '../../protocol/site-control.ts';
import { ToGuardSchema } from '../../protocol/site-control.ts';
import { boundedReport } from '../site-daemon/bounded-report.ts';
import { sha256 } from './expected.ts';
import { Guard } from './guard.ts';

process.on('SIGUSR1', () => {});
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});

const STEWARD_WITHIN_S = 5;

const report = boundedReport<FromGuard>((message, done) => {
  if (process.connected) process.send?.(message, undefined, undefined, done);
});
const [, program = '', agentSocket = '', operatorKey = '', tcti] = process.argv;
const privateKey = toHex(randomBytes(32));
// viem answers mixed case.
const account = addressOf(privateKey).toLowerCase() as Hex;
const own = sha256(readFileSync(program));
const software = await createGuardSource();
// Below the pipeline's directory: nothing of it stays when this process is killed.
const source =
  tcti === undefined ? software : await createTpmSource(software, { tcti, under: dirname(agentSocket) });
const guard = new Guard({
  source,
  privateKey,
  account,
  kemKey: await newKemKey(),
  operatorKey,
  sha256: own,
  agentSocket,
  stewardWithin: STEWARD_WITHIN_S,
  report,
});
const end = (): void => {
  void guard.close().finally(() => process.exit(0));
};
process.on('disconnect', end);
process.on('SIGTERM', end);
process.on('message', (input) => {
  const parsed = ToGuardSchema.safeParse(input);
  if (parsed.success) guard.take(parsed.data);
  else report({ kind: 'log', who: 'guard', text: 'the supervisor says what the guard does not understand' });
});
report({ kind: 'guard', account, pid: process.pid, sha256: own });
