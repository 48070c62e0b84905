import type { Infrastructure } from '../ports/infrastructure.ts';
import type { Store } from '../ports/store.ts';
import type { Operation } from '../protocol/operation-record.ts';
import type { ServiceControlView } from '../protocol/service-control.ts';
import type { SiteConfig } from '../protocol/site-config.ts';
import { rememberCaller } from '../runtime/services/operation-callers.ts';
import type { ServiceOperations } from '../runtime/services/operations.ts';
import type { Caller } from './access/caller.ts';
import type { Backup } from './own/backup-routes.ts';
import type { Compare } from './own/optimum-routes.ts';

/** What the interfaces for services stand on. */
export interface Northbound {
  readonly services: ServiceOperations;
  readonly packages: Store;
  /** Subscriptions, and who began which operation. */
  readonly records: Store;
  readonly site: SiteConfig;
  /** Absent: nobody makes backups here. */
  readonly backup?: Backup;
  /** Absent: nobody compares with the optimum here. */
  readonly compare?: Compare;
  /** The control agents of a service; absent: nobody looks after them here. */
  control?(service: string): Promise<ServiceControlView>;
  /** What runs functions; undefined: nothing does now. */
  infrastructure(): Pick<Infrastructure, 'kind' | 'logs' | 'exec' | 'entry' | 'usage'> | undefined;
  /** Names of the sites that functions may run on. */
  sites(): readonly string[];
  /** ms since 1970. */
  nowMs(): number;
}

/** Has an operation begun, and remembers who asked for it. */
export async function begun(
  { records, nowMs }: Northbound,
  caller: Caller | undefined,
  begin: Promise<Operation>,
): Promise<Operation> {
  const operation = await begin;
  if (caller !== undefined) await rememberCaller(records, operation.id, caller.name, nowMs());
  return operation;
}
