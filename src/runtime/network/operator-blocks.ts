import type { DataPlane } from '../../ports/data-plane.ts';
import { MusterError } from '../../protocol/errors.ts';
import type { Ipv4, LinkId } from '../../protocol/ids.ts';
import { agentId, awardId, ruleId } from '../../protocol/ids.ts';
import type { Block, BlockOrder } from '../../protocol/operator-block.ts';
import type { Outcome, PlaneReading } from '../../protocol/plane.ts';
import type { OperatorCommand } from '../action-runner.ts';

/** The data plane as an operator may use it: what is done is journalled. */
export interface Operating {
  readonly plane: Pick<DataPlane, 'guardedLinks' | 'measure'>;
  operate(command: OperatorCommand, reason: string): Promise<Outcome<null>>;
}

const OPERATOR = { owner: agentId('operator'), award: awardId('operator') };
const ruleOf = (source: Ipv4, link: LinkId) => ruleId(`operator:${source}:${link}`);

/**
 * Drops everything from an address on every guarded link; again: its time begins anew. Agents neither own these rules nor lift them.
 * @returns the links. @throws NOT_FOUND where no link is guarded, PLANE_FAILED.
 */
export async function blockSource(
  { plane, operate }: Operating,
  { source, seconds, reason }: BlockOrder,
  by: string,
): Promise<readonly LinkId[]> {
  const links = plane.guardedLinks();
  if (links.length === 0)
    throw new MusterError('NOT_FOUND', 'no link is guarded here: there is nothing to block on', {
      hint: 'muster up demo guards those of its scenario',
    });
  const said = `operator ${by} blocks ${source} for ${seconds} s: ${reason}`;
  for (const link of links) {
    const rule = { rule: ruleOf(source, link), ...OPERATOR, link };
    await done(operate({ kind: 'block-source', ...rule, source, ttlMs: 1000 * seconds }, said));
  }
  return links;
}

/** Ends an operator's block. @throws NOT_FOUND where there is none, PLANE_FAILED. */
export async function unblockSource(operating: Operating, source: Ipv4, by: string): Promise<void> {
  const own = (await rulesOf(operating)).filter(
    (rule) => rule.owner === OPERATOR.owner && rule.source === source,
  );
  if (own.length === 0)
    throw new MusterError('NOT_FOUND', `no operator has blocked ${source}`, { hint: 'muster block list' });
  for (const { rule } of own)
    await done(
      operating.operate({ kind: 'remove-rule', rule }, `operator ${by} lifts the block of ${source}`),
    );
}

/** Blocks in force. @throws PLANE_FAILED. */
export async function blocksOf(operating: Operating, nowMs: number): Promise<readonly Block[]> {
  return (await rulesOf(operating)).flatMap(({ kind, source, link, owner, expiresAtMs }) => {
    if (kind !== 'block-source' || source === undefined) return [];
    const leftMs = expiresAtMs === undefined ? undefined : Math.max(0, expiresAtMs - nowMs);
    return [{ source, link, owner, endsInSeconds: leftMs === undefined ? null : Math.round(leftMs / 1000) }];
  });
}

async function rulesOf({ plane }: Operating) {
  const reading = await new Promise<Outcome<PlaneReading>>((resolve) => {
    plane.measure({ kind: 'rules' }, resolve);
  });
  if (!reading.ok) throw failed(reading.error);
  return reading.value.kind === 'rules' ? reading.value.entries : [];
}

async function done(outcome: Promise<Outcome<null>>): Promise<void> {
  const told = await outcome;
  if (!told.ok) throw failed(told.error);
}

function failed(error: string): MusterError {
  return new MusterError('PLANE_FAILED', `the data plane refuses it: ${error}`, { hint: 'muster status' });
}
