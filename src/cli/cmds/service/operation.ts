import type { Command } from 'commander';
import { progressInWords } from '../../../core/lifecycle/operation-steps.ts';
import type { Operation } from '../../../protocol/operation-record.ts';
import { example } from '../../example.ts';
import { out, outputFormat, printListing, printThing } from '../../printer.ts';
import type { OperationVerb } from '../../service-client.ts';
import { followed, type WaitFlags } from './await-operation.ts';
import { operationNamed, serviceClient, serviceNamed } from './service-in.ts';

const isoTime = (ms: number) => new Date(ms).toISOString();

/** `service operation list`, `describe`, `retry`, `rollback`, `cancel`, `fail`. */
export function addOperations(parent: Command): void {
  parent
    .command('list')
    .argument('[service]', 'its name or id; absent: of all')
    .description('operations, the newest first')
    .option('-o, --output <format>', 'table, wide, json, jsonl, yaml or name', 'table')
    .addHelpText('after', example('muster service operation list shop'))
    .action(async (typed: string | undefined, flags: { output: string }) => {
      const format = outputFormat(flags.output);
      const client = serviceClient();
      const service = typed === undefined ? undefined : await serviceNamed(client, typed);
      const rows = (await client.operations(service?.id)).map((each) => ({
        id: each.id,
        service: each.serviceName,
        kind: each.params.kind,
        state: each.state,
        progress: progressInWords(each.steps),
        automatic: each.automatic,
        reason: each.reason,
        startedAt: isoTime(each.startedAtMs),
        enteredAt: isoTime(each.enteredAtMs),
      }));
      printListing({ rows, columns: ['id', 'service', 'kind', 'state', 'progress', 'startedAt'] }, format);
    });
  parent
    .command('describe')
    .argument('<operation>', 'its id, or the beginning of it')
    .description('an operation with its steps, and the reason of everything that went wrong')
    .option('-o, --output <format>', 'table (words), json, jsonl or yaml', 'table')
    .addHelpText('after', example('muster service operation describe 1f3a'))
    .action(async (typed: string, flags: { output: string }) => {
      const operation = await operationNamed(serviceClient(), typed);
      printThing({ ...operation }, operationInWords(operation), outputFormat(flags.output));
    });
  steer(parent, 'retry', 'go on from the step that failed');
  steer(parent, 'rollback', 'undo what has been done');
  steer(parent, 'cancel', 'stop after the step that is being done; then retry, rollback or fail');
  steer(parent, 'fail', 'give it up, and leave what there is as it is');
}

function steer(parent: Command, verb: OperationVerb, about: string): void {
  parent
    .command(verb)
    .argument('<operation>', 'its id, or the beginning of it')
    .description(about)
    .option('--wait', 'until it is over, telling how far it is')
    .option('--timeout <seconds>', 'how long to wait at most', '120')
    .addHelpText('after', example(`muster service operation ${verb} 1f3a`))
    .action(async (typed: string, flags: WaitFlags) => {
      const client = serviceClient();
      const { id } = await operationNamed(client, typed);
      const ended = await followed(client, await client.steer(id, verb), flags);
      out(`${ended.params.kind} of ${ended.serviceName}: ${ended.state} (${ended.id})\n`);
    });
}

function operationInWords({
  id,
  params,
  serviceName,
  state,
  reason,
  startedAtMs,
  enteredAtMs,
  steps,
  errors,
  outputs,
}: Operation) {
  return [
    `${params.kind} of ${serviceName}: ${state} since ${isoTime(enteredAtMs)} (${id})`,
    `begun ${isoTime(startedAtMs)}: ${reason}`,
    '',
    'Steps:',
    ...steps.map(({ kind, state: at, about, attempts, startedAtMs: from, endedAtMs: to }) => {
      const tookMs = from === null || to === null ? '' : `, ${to - from} ms`;
      return `  ${at.padEnd(8)} ${kind}: ${about}${tookMs}${attempts > 1 ? `, tried ${attempts} times` : ''}`;
    }),
    ...(errors.length === 0 ? [] : ['', 'What went wrong:']),
    ...errors.map(
      ({ atMs, step, severity, message, mend }) =>
        `  ${isoTime(atMs)} ${severity}${step === null ? '' : ` in ${step}`}: ${message}\n    = ${mend}`,
    ),
    ...(outputs.length === 0 ? [] : ['', 'Primitives:']),
    ...outputs.map(
      ({ primitive, unit, exitCode, output }) =>
        `  ${primitive} on ${unit} ended with ${exitCode ?? '?'}: ${output.trim()}`,
    ),
  ];
}
