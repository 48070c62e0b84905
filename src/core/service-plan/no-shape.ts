import type { ServiceShape } from '../../protocol/service-record.ts';

/** Of a service of which nothing runs. */
export const NO_SHAPE: ServiceShape = { vnfs: [], units: [], chains: [], links: [] };
