import { WORKLOADS } from './workloads.ts';

// One workload in this process; its figures as JSON on the last line of stdout.
const workload = WORKLOADS[process.argv[2] ?? ''];
if (workload === undefined) throw new Error(`no such workload: ${process.argv[2]}`);
const figures = await workload();
process.stdout.write(`${JSON.stringify(figures)}\n`, () => process.exit(0));
