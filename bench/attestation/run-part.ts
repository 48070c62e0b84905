import { PARTS } from './parts.ts';

// One part in this process; its findings as JSON on the last line of stdout. What it starts ends with it, also when it is killed.
const [, , name = ''] = process.argv;
const part = PARTS[name];
if (part === undefined) throw new Error(`no such part: ${name}`);
const findings = await part.run((text) => process.stderr.write(`  ${text}\n`));
process.stdout.write(`${JSON.stringify(findings)}\n`, () => process.exit(0));
