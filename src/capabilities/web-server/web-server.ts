import { capability } from '../../core/bdi/capability.ts';

/** Looks after a web server: it is placed and runs; what defends it are other agents' roles. */
export const webServer = capability({ name: 'web-server', offers: [], goals: [] });
