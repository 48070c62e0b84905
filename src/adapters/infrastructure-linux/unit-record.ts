import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { UnitSchema } from '../../protocol/service-graph.ts';
import { ImageTargetSchema } from '../../protocol/site-config.ts';
import { chainKey, unitKey } from './names.ts';

const name = z.string().min(1).max(255);
const address = z.ipv4();
/** An address, maybe with the length of its network. */
const addressWithLength = z.union([address, z.cidrv4()]);

/** `UnitOrder` as it comes in from outside, and as it lies in a state file. */
export const UnitOrderSchema = z.strictObject({
  id: name,
  service: name,
  unit: UnitSchema,
  host: name,
  image: ImageTargetSchema,
  interfaces: z
    .array(z.strictObject({ name, link: name, address: addressWithLength.exactOptional() }))
    .max(8)
    .refine(
      (all) => new Set(all.map((each) => each.name)).size === all.length,
      'interfaces with names of their own',
    ),
  cloudInit: z.string().max(65_536).exactOptional(),
  parameters: z
    .record(z.string().max(255), z.string().max(65_536))
    .refine((all) => Object.keys(all).length <= 200, 'at most 200 parameters'),
  insteadOf: name.exactOptional(),
});

const hex = (digits: number) => z.string().regex(new RegExp(`^[0-9a-f]{${digits}}$`));
const device = z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,14}$/);
const mac = z.string().regex(/^02(:[0-9a-f]{2}){5}$/);

const InterfaceRecordSchema = z.strictObject({
  name,
  /** What it is called inside. */
  device,
  /** Key of its virtual link, and the number of that link's VXLAN. */
  link: hex(10),
  vni: z.int().min(1).max(0xffffff),
  mac,
  address,
  prefixLength: z.int().min(1).max(32),
  /** Device at the switch of the site. */
  port: device,
});
export type InterfaceRecord = z.infer<typeof InterfaceRecordSchema>;

/** A process that has not been replaced by another with its number. */
const ProcessSchema = z.strictObject({ pid: z.int().positive(), start: z.string().regex(/^\d+$/) });
export type ProcessRecord = z.infer<typeof ProcessSchema>;

const UnitRecordSchema = z.strictObject({
  format: z.literal(1),
  order: UnitOrderSchema,
  site: name,
  /** User that the unit's programs run as, on the host. */
  user: z.int().positive(),
  interfaces: z.array(InterfaceRecordSchema),
  /** The outermost process of the unit; undefined: it has not been started yet. */
  process: ProcessSchema.optional(),
  /** It has been healthy once: what has not is taken away by the owner that finds it. */
  ready: z.boolean(),
  /** It has been cut off from its virtual links: its addresses are others' now. */
  fenced: z.boolean().exactOptional(),
});
export type UnitRecord = z.infer<typeof UnitRecordSchema>;

export const ChainOrderSchema = z.strictObject({
  id: name,
  service: name,
  match: z.strictObject({
    protocol: z.int().min(0).max(255).exactOptional(),
    source: addressWithLength.exactOptional(),
    destination: addressWithLength.exactOptional(),
    sourcePort: z.int().min(1).max(65_535).exactOptional(),
    destinationPort: z.int().min(1).max(65_535).exactOptional(),
  }),
  hops: z
    .array(
      z.strictObject({
        unit: name,
        beside: z.array(name).max(200).exactOptional(),
        ingress: name,
        egress: name,
      }),
    )
    .min(1)
    .max(32)
    .readonly(),
});

const SteeredPortSchema = z.strictObject({
  port: device,
  mac,
  link: hex(10),
  address: address.exactOptional(),
});
const SteeredUnitSchema = z.strictObject({ ingress: SteeredPortSchema, egress: SteeredPortSchema });
const ChainRecordSchema = z.strictObject({
  format: z.literal(1),
  order: ChainOrderSchema,
  /** `beside` in the order of that of `order`. */
  hops: z
    .array(SteeredUnitSchema.extend({ beside: z.array(SteeredUnitSchema).max(200).exactOptional() }))
    .readonly(),
});
export type ChainRecord = z.infer<typeof ChainRecordSchema>;

/** Where an infrastructure keeps its state: what a restart of its owner has to know. */
export interface StateFiles {
  readonly units: () => readonly UnitRecord[];
  readonly chains: () => readonly ChainRecord[];
  readonly putUnit: (record: UnitRecord) => void;
  readonly putChain: (record: ChainRecord) => void;
  readonly dropUnit: (unit: string) => void;
  readonly dropChain: (chain: string) => void;
}

/** One file a unit and a chain, each put in place whole. What cannot be read is told by `onDamage` and left out. */
export function openStateFiles(stateDir: string, onDamage: (file: string, why: string) => void): StateFiles {
  const [unitDir, chainDir] = [join(stateDir, 'units'), join(stateDir, 'chains')];
  for (const dir of [unitDir, chainDir]) mkdirSync(dir, { recursive: true, mode: 0o700 });
  const fileOf = (dir: string, key: string) => join(dir, `${key}.json`);
  const put = (dir: string, key: string, value: unknown) => {
    const next = join(dir, `${key}.next`);
    // Parameters may hold keys: for the owner's eyes alone.
    writeFileSync(next, JSON.stringify(value), { mode: 0o600 });
    renameSync(next, fileOf(dir, key));
  };
  const readAll = <T>(dir: string, schema: z.ZodType<T>): T[] =>
    readdirSync(dir)
      .filter((file) => file.endsWith('.json'))
      .flatMap((file) => {
        try {
          return [schema.parse(JSON.parse(readFileSync(join(dir, file), 'utf8')))];
        } catch (error) {
          onDamage(join(dir, file), error instanceof Error ? error.message.slice(0, 300) : String(error));
          return [];
        }
      });
  const drop = (dir: string, key: string) => {
    const file = fileOf(dir, key);
    if (existsSync(file)) rmSync(file);
  };
  return {
    units: () => readAll(unitDir, UnitRecordSchema),
    chains: () => readAll(chainDir, ChainRecordSchema),
    putUnit: (record) => put(unitDir, unitKey(record.order.id), record),
    putChain: (record) => put(chainDir, chainKey(record.order.id), record),
    dropUnit: (unit) => drop(unitDir, unitKey(unit)),
    dropChain: (chain) => drop(chainDir, chainKey(chain)),
  };
}
