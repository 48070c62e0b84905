import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { newSigningKey } from '../../src/adapters/keys/signing-key.ts';
import { headBytes, MerkleLog } from './merkle-log.ts';
import { ToWitnessSchema } from './witness-messages.ts';

// One witness: keeps the whole log, and signs a head only for what it has itself added to its own and has on disk.
const file = openSync(process.argv[2] ?? '', 'w');
const key = newSigningKey();
const log = new MerkleLog();
process.send?.({ kind: 'key', publicKey: key.publicKey });
process.on('message', (input) => {
  const { from, records } = ToWitnessSchema.parse(input);
  // A gap, or a second record in the place of one: another history than the one that was signed.
  if (from !== log.size) return;
  const lines: string[] = [];
  for (const record of records) {
    log.append(Buffer.from(record, 'hex'));
    lines.push(record);
  }
  writeSync(file, `${lines.join('\n')}\n`);
  fdatasyncSync(file);
  const root = log.root();
  const signature = Buffer.from(key.sign(headBytes(log.size, root))).toString('hex');
  process.send?.({ kind: 'head', size: log.size, root: root.toString('hex'), signature });
});
process.on('disconnect', () => {
  closeSync(file);
  process.exit(0);
});
