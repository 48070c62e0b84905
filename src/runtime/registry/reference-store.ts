import { z } from 'zod';
import { readSealed, writeSealed } from '../../adapters/store-sealed/sealed-file.ts';
import { Hex32Schema } from '../../protocol/agent-control.ts';
import { MusterError } from '../../protocol/errors.ts';
import type { AgentKey, Hex } from '../../protocol/ledger.ts';

/** 20 000 incarnations and their names; more is a mistake. */
const MAX_BYTES = 8 * 1024 * 1024;

const RecordSchema = z.strictObject({
  agent: Hex32Schema,
  name: z.string().max(64),
  incarnation: z.int().min(0),
  version: z.int().min(0),
  imageDigest: Hex32Schema,
  reference: Hex32Schema,
});
/** What the registry keeps of an agent's last incarnation. */
export type ReferenceRecord = z.infer<typeof RecordSchema>;

const StoreSchema = z.strictObject({
  format: z.literal('muster-references-v1'),
  records: z.array(RecordSchema).max(20_000),
});

/** Where reference values are kept. Nobody else has them but the guard that has measured the process. */
export interface ReferenceStore {
  /** Resolves once it is kept, in place of what there was of that agent. */
  keep(record: ReferenceRecord): Promise<void>;
  /** What is kept of an incarnation stands under another key from now on: a successor has become the member. */
  move(from: AgentKey, to: AgentKey, incarnation: number): Promise<void>;
  /** Undefined: there is none of that incarnation. */
  referenceOf(agent: AgentKey, incarnation: number): Promise<Hex | undefined>;
}

type Change = (all: Map<AgentKey, ReferenceRecord>) => void;

export interface SealedReferencesOptions {
  readonly file: string;
  /** 32 bytes. */
  readonly key: Uint8Array;
}

/**
 * Reference values in one sealed file, and nowhere else: each question reads and opens it again. What comes while a write is under way is
 * written with the next one. Throws MusterError, when it opens and at each question, for a file that is damaged, of another key, or not
 * the one that was written last.
 */
export async function openReferenceStore(options: SealedReferencesOptions): Promise<ReferenceStore> {
  const sealed = { ...options, maxBytes: MAX_BYTES };
  let generation = (await readSealed(sealed))?.generation ?? 0;
  /** Changes that wait to be written. */
  let waiting: Change[] = [];
  let writing: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;

  const records = async (): Promise<readonly ReferenceRecord[]> => {
    const found = await readSealed(sealed);
    if ((found?.generation ?? 0) !== generation) {
      throw new MusterError('BAD_FILE', `${options.file} is not the store that was written last`, {
        hint: 'somebody else has replaced or removed it: start the pipeline anew',
      });
    }
    return found === undefined ? [] : parse(found.text, options.file);
  };
  const write = async (): Promise<void> => {
    const all = new Map((await records()).map((each) => [each.agent, each]));
    const fresh = waiting;
    waiting = [];
    next = undefined;
    for (const change of fresh) change(all);
    const text = JSON.stringify({ format: 'muster-references-v1', records: [...all.values()] });
    await writeSealed(sealed, { generation: generation + 1, text });
    generation++;
  };
  const change = (made: Change): Promise<void> => {
    waiting.push(made);
    if (next === undefined) {
      next = writing.then(write);
      writing = next.catch(() => {});
    }
    return next;
  };
  await records();
  return {
    keep: (record) => change((all) => all.set(record.agent, record)),
    move: (from, to, incarnation) =>
      change((all) => {
        const record = all.get(from);
        if (record?.incarnation !== incarnation) return;
        all.delete(from);
        all.set(to, { ...record, agent: to });
      }),
    referenceOf: async (agent, incarnation) => {
      await writing;
      return (await records()).find((each) => each.agent === agent && each.incarnation === incarnation)
        ?.reference;
    },
  };
}

function parse(text: string, file: string): readonly ReferenceRecord[] {
  const parsed = StoreSchema.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data.records;
  const [issue] = parsed.error.issues;
  // Never the value: it may be a secret.
  throw new MusterError(
    'BAD_FILE',
    `${file} holds no reference values: ${issue?.path.join('.') || 'not JSON'}`,
    {
      hint: 'it was written by another version of Muster',
    },
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
