import { backendValues } from '../../core/lifecycle/backends.ts';
import { withoutGivenValues } from '../../core/lifecycle/hidden-values.ts';
import type { Complaint } from '../../core/lifecycle/operation-machine.ts';
import { shapeDifference } from '../../core/lifecycle/operation-steps.ts';
import {
  managementAddress,
  type PrimitiveCall,
  primitiveCalls,
  primitiveCommand,
  targetsOf,
} from '../../core/lifecycle/primitives.ts';
import type { Records } from '../../core/lifecycle/step-records.ts';
import type { PlannedVnf } from '../../core/service-plan/resolve-vnfs.ts';
import { day1ValuesOf, valuesOf } from '../../core/service-plan/unit-recipes.ts';
import type { Operation } from '../../protocol/operation-record.ts';
import type { ServiceShape, UnitRecord } from '../../protocol/service-record.ts';
import type { StepOutcome, StepTools } from './carry-out-step.ts';
import { planOf } from './plan-of.ts';
import { StepFailure } from './step-failure.ts';

type Output = Operation['outputs'][number];

const USUAL_TIMEOUT_MS = 60_000;
const LONGEST_OUTPUT = 4000;

/** Does what is to be done on their first day to units of which it has not been done. What Muster cannot carry out is warned of. */
export async function configureUnits(
  records: Records,
  tools: StepTools,
  signal: AbortSignal,
): Promise<StepOutcome> {
  const { service, operation } = records;
  const due = new Set(shapeDifference(operation.before, operation.target).toConfigure.map(({ id }) => id));
  const now = new Map(service.shape.units.map((each) => [each.id, each]));
  const all = operation.target.units.map((each) => now.get(each.id) ?? each);
  const outputs: Output[] = [];
  const warnings: Complaint[] = [];
  for (const vnf of await vnfsOf(records, tools)) {
    const calls = primitiveCalls(vnf, all, 'initial', ({ id }) => due.has(id));
    const values = day1ValuesOf(operation.wanted, vnf.member.id);
    for (const call of calls) {
      signal.throwIfAborted();
      const shape = { vnfs: operation.target.vnfs, units: all };
      const said = await carriedOut(vnf, call, values, shape, USUAL_TIMEOUT_MS, tools);
      if ('warning' in said) warnings.push(said.warning);
      else outputs.push(said.output);
    }
  }
  const units = all.filter(({ id }) => due.has(id)).map((each) => ({ ...each, configured: true }));
  return { units, outputs, warnings };
}

/**
 * What has been done on the first day to units that were there before is done again as it was then: they are not left with the backends or
 * the values of what is rolled back. One that does not take it keeps nothing else from being undone; it is configured with the next change.
 */
export async function configureAsBefore(records: Records, tools: StepTools): Promise<StepOutcome> {
  const { service, operation } = records;
  const { before, target } = operation;
  const told = new Set(shapeDifference(before, target).toConfigure.map(({ id }) => id));
  const now = new Map(service.shape.units.map((each) => [each.id, each]));
  const all = before.units.map((each) => now.get(each.id) ?? each);
  const due = all.filter(({ id, state }) => told.has(id) && state === 'running');
  if (due.length === 0) return {};
  const outputs: Output[] = [];
  const warnings: Complaint[] = [];
  const failed = new Set<string>();
  const fails = (unit: UnitRecord, why: string) => {
    failed.add(unit.id);
    warnings.push({
      message: `${unit.unit.id} is not as it was before: ${why}`,
      mend: `muster service heal ${service.name} --unit ${unit.unit.id}`,
    });
  };
  const vnfs = await vnfsThatRun(records, tools).catch((error: unknown) => {
    for (const unit of due) fails(unit, String(error));
    return [];
  });
  for (const vnf of vnfs) {
    const values = day1ValuesOf(service.wanted, vnf.member.id);
    for (const call of primitiveCalls(vnf, all, 'initial', (unit) => due.includes(unit))) {
      if (failed.has(call.unit.id)) continue;
      if (tools.isLost(call.unit.site)) {
        fails(call.unit, 'its site does not answer');
        continue;
      }
      try {
        const shape = { vnfs: before.vnfs, units: all };
        const said = await carriedOut(vnf, call, values, shape, USUAL_TIMEOUT_MS, tools);
        if ('output' in said) outputs.push(said.output);
      } catch (error) {
        fails(call.unit, error instanceof Error ? error.message : String(error));
      }
    }
  }
  return { units: due.map((each) => ({ ...each, configured: !failed.has(each.id) })), outputs, warnings };
}

/** What is to be done before the end: a unit that does not answer any more ends all the same. */
export async function deconfigureUnits(
  records: Records,
  tools: StepTools,
  signal: AbortSignal,
): Promise<StepOutcome> {
  const { service, operation } = records;
  const gone = new Set(shapeDifference(operation.before, operation.target).gone.map(({ id }) => id));
  const outputs: Output[] = [];
  const warnings: Complaint[] = [];
  // Packages that have changed meanwhile, or an image that is not mapped any more, are no reason to keep units running.
  const vnfs = await vnfsThatRun(records, tools).catch(() => []);
  for (const vnf of vnfs) {
    const leaving = ({ id, state, site }: UnitRecord) =>
      gone.has(id) && state === 'running' && !tools.isLost(site);
    for (const call of primitiveCalls(vnf, operation.before.units, 'terminate', leaving)) {
      if (signal.aborted) break;
      try {
        const values = valuesOf(service.wanted, vnf.member.id);
        const said = await carriedOut(vnf, call, values, operation.before, USUAL_TIMEOUT_MS, tools);
        if ('warning' in said) warnings.push(said.warning);
        else outputs.push(said.output);
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        warnings.push({ message, mend: 'the unit is stopped all the same' });
      }
    }
  }
  return { outputs, warnings };
}

/** Carries out the primitive that an operation is for. */
export async function carryOutAction(
  records: Records,
  tools: StepTools,
  signal: AbortSignal,
): Promise<StepOutcome> {
  const { service, operation } = records;
  const { params } = operation;
  if (params.kind !== 'action') return {};
  const vnf = (await vnfsOf(records, tools)).find(({ id }) => id === params.vnf);
  const primitive = vnf?.flavour.primitives.find(
    (each) => each.name === params.primitive && each.when === 'on-demand',
  );
  if (vnf === undefined || primitive === undefined) {
    throw new StepFailure(
      `${params.vnf} has no primitive ${params.primitive}`,
      'muster service describe lists them',
    );
  }
  const own = service.shape.units.filter((each) => each.vnf === vnf.id && each.state === 'running');
  const asked = own.filter(
    ({ id, unit, vdu }) =>
      [undefined, id, unit.id].includes(params.unit) && [undefined, vdu].includes(params.vdu),
  );
  const named = params.unit !== undefined || params.vdu !== undefined;
  const units = named ? asked : targetsOf(vnf, primitive, own);
  if (units.length === 0)
    throw new StepFailure('no unit that runs is meant', 'muster service describe lists units');
  const values = { ...valuesOf(operation.wanted, vnf.member.id), ...params.parameters };
  const outputs: Output[] = [];
  for (const unit of units) {
    signal.throwIfAborted();
    const said = await carriedOut(vnf, { primitive, unit }, values, service.shape, params.timeoutMs, tools);
    if ('warning' in said) throw new StepFailure(`FAILED: ${said.warning.message}`, said.warning.mend);
    outputs.push(said.output);
  }
  return { outputs };
}

/** As they are before the operation: another version of the NSD may not have them any more. */
async function vnfsThatRun({ service, operation }: Records, tools: StepTools) {
  const levels = new Map(operation.before.vnfs.map(({ id, levels: each }) => [id, each]));
  const levelOf = (vnf: string, aspect: string) => levels.get(vnf)?.[aspect];
  const loaded = await planOf(service.wanted, service.flavour, levelOf, tools);
  return loaded.plan.vnfs;
}

async function vnfsOf({ operation }: Records, tools: StepTools): Promise<readonly PlannedVnf[]> {
  const levels = new Map(operation.target.vnfs.map(({ id, levels: each }) => [id, each]));
  const loaded = await planOf(
    operation.wanted,
    operation.flavour,
    (vnf, aspect) => levels.get(vnf)?.[aspect],
    tools,
  );
  return loaded.plan.vnfs;
}

async function carriedOut(
  vnf: PlannedVnf,
  { primitive, unit }: PrimitiveCall,
  values: Readonly<Record<string, string>>,
  shape: Pick<ServiceShape, 'vnfs' | 'units'>,
  timeoutMs: number,
  { infrastructure }: StepTools,
): Promise<{ readonly output: Output } | { readonly warning: Complaint }> {
  const known = { ...backendValues(primitive, unit, shape), ...values };
  const command = primitiveCommand(primitive, known, managementAddress(vnf, shape.units));
  if (!command.ok) return { warning: { message: `${vnf.id}: ${command.message}`, mend: command.mend } };
  const { exitCode, stdout, stderr } = await infrastructure.exec(unit.id, command.command, timeoutMs);
  const output = `${stdout}${stderr}`.slice(-LONGEST_OUTPUT);
  if (exitCode === 0) return { output: { primitive: primitive.name, unit: unit.id, exitCode, output } };
  // It is told to whoever may look, and goes into the journal.
  const said = withoutGivenValues(output, { ...unit.recipe.parameters, ...values }).trim();
  throw new StepFailure(
    `${primitive.name} on ${unit.unit.id} ended with ${exitCode}: ${said.slice(-500) || 'it says nothing'}`,
    'mend what it says, then ask for it again',
  );
}
