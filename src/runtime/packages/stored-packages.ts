import type { StoreView } from '../../ports/store.ts';
import type { Descriptor, DescriptorKind, Vnfd } from '../../protocol/descriptors.ts';
import { MusterError } from '../../protocol/errors.ts';
import { type PackageRecord, PackageRecordSchema } from '../../protocol/package-record.ts';
import { NO_SITE_CONFIG, type SiteConfig } from '../../protocol/site-config.ts';
import { RecentRecords } from '../recent-records.ts';
import { openSource } from './examine-package.ts';
import { fileKey, holderOf, holdKey, packageKey } from './package-keys.ts';

/** Records that were read last, by their bytes: every service that is planned reads those of all packages. */
const READ = new RecentRecords();

/** A package of the store, and who uses it. */
export interface StoredPackage {
  readonly record: PackageRecord;
  /** SOL005: in use as long as an instance of it, or of an NSD that names it, is there. */
  readonly usage: 'IN_USE' | 'NOT_IN_USE';
  /** Instances that use it. */
  readonly usedBy: readonly string[];
  /** NSDs that name it. */
  readonly neededBy: readonly string[];
}

/** All packages, NSDs first, each kind by its id. */
export async function storedPackages(view: StoreView): Promise<readonly StoredPackage[]> {
  const records = await packageRecords(view);
  const nsds = records.filter(({ kind }) => kind === 'nsd');
  const holders = (kind: DescriptorKind, id: string) => view.keys(holdKey(kind, id, '')).map(holderOf);
  return records.map((record) => {
    const needing = record.kind === 'nsd' ? [] : nsds.filter(({ needs }) => needs.includes(record.id));
    const usedBy = [...holders(record.kind, record.id), ...needing.flatMap(({ id }) => holders('nsd', id))];
    return {
      record,
      usedBy: [...new Set(usedBy)],
      usage: usedBy.length > 0 ? 'IN_USE' : 'NOT_IN_USE',
      neededBy: needing.map(({ id }) => id),
    };
  });
}

/** Records of all packages, or of those of one kind, in the order of their ids. */
export function packageRecords(view: StoreView, kind?: DescriptorKind): Promise<readonly PackageRecord[]> {
  const prefix = kind === undefined ? 'package/' : packageKey(kind, '');
  return Promise.all(view.keys(prefix).map((key) => readRecord(view, key)));
}

async function readRecord(view: StoreView, key: string): Promise<PackageRecord> {
  const bytes = await view.get(key);
  try {
    return READ.read(key, bytes ?? new Uint8Array(), PackageRecordSchema);
  } catch (cause) {
    throw new MusterError(
      'STORE_DAMAGED',
      `what is stored as ${key} is no package of this version of Muster`,
      {
        hint: 'use the version that onboarded it, or delete the packages directory and onboard again',
        cause,
      },
    );
  }
}

/** The record of one package; undefined: it is not there. */
export async function findRecord(
  view: StoreView,
  kind: DescriptorKind,
  id: string,
): Promise<PackageRecord | undefined> {
  const key = packageKey(kind, id);
  return view.keys(key).includes(key) ? readRecord(view, key) : undefined;
}

/** Every VNFD that is onboarded, by its id. */
export async function storedVnfds(view: StoreView): Promise<ReadonlyMap<string, Vnfd>> {
  const records = await packageRecords(view, 'vnfd');
  const vnfds = new Map<string, Vnfd>();
  for (const record of records) {
    const descriptor = await storedDescriptor(view, record);
    if (descriptor.kind === 'vnfd') vnfds.set(record.id, descriptor);
  }
  return vnfds;
}

/** The descriptor of a stored package, read again from its file; the other files are left alone. */
export async function storedDescriptor(view: StoreView, record: PackageRecord): Promise<Descriptor> {
  const bytes = await view.get(fileKey(record.kind, record.id, record.descriptor));
  const files = new Map(bytes === undefined ? [] : [[record.descriptor, bytes]]);
  const opened = openSource({ origin: 'bare', files, root: '' }, `${record.kind}/${record.id}`);
  // Its references were checked when it was onboarded: here it is only read.
  const { descriptor } = opened.judge(() => undefined, NO_SITE_CONFIG);
  if (descriptor !== undefined) return descriptor;
  throw new MusterError(
    'STORE_DAMAGED',
    `${record.kind}/${record.id} is not understood by this version of Muster`,
    { hint: 'onboard the package again' },
  );
}

/** A stored package as it was opened when it was onboarded. */
export async function openStored(
  view: StoreView,
  record: PackageRecord,
  label = `${record.kind}/${record.id}`,
) {
  const files = new Map<string, Uint8Array>();
  for (const { path } of record.files) {
    const bytes = await view.get(fileKey(record.kind, record.id, path));
    if (bytes !== undefined) files.set(path, bytes);
  }
  return openSource({ origin: record.origin, files, root: '' }, label);
}

/** A stored package judged again: as it stands with the VNFDs and the site of now. */
export async function judgeStored(
  view: StoreView,
  record: PackageRecord,
  vnfds: ReadonlyMap<string, Vnfd>,
  site: SiteConfig,
) {
  const opened = await openStored(view, record);
  return opened.judge((id) => vnfds.get(id)?.externalPoints.map((point) => point.id), site);
}
