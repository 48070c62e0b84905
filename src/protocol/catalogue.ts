import type { ImageTarget, SiteConfig } from './site-config.ts';

/** A function that comes with Muster: what its program needs of the machine, and what can be asked of it. */
export interface CatalogueEntry {
  /** What it does, in a sentence. */
  readonly about: string;
  /** Linux capabilities within its own network namespace, without `cap_`. */
  readonly capabilities: readonly 'net_admin'[];
  /** Primitives that it carries out while it runs. */
  readonly primitives: readonly string[];
  /** Parameters without which its program does not start. */
  readonly needs?: readonly string[];
}

/** The catalogue. Its packages are in `catalogue/`, its programs in `src/functions/`. */
export const CATALOGUE = {
  'web-server': { about: 'serves pages over HTTP', capabilities: [], primitives: ['set-page'] },
  'video-streamer': {
    about: 'serves a stream in segments, as HLS players ask for it',
    capabilities: [],
    primitives: [],
  },
  'link-monitor': {
    about: 'forwards, and tells rates of what passes',
    capabilities: [],
    primitives: ['set-threshold'],
  },
  'rate-limiter': {
    about: 'forwards at most at a rate',
    capabilities: ['net_admin'],
    primitives: ['set-rate'],
  },
  'anomaly-detector': {
    about: 'forwards, and tells which destination is under a flood',
    capabilities: ['net_admin'],
    primitives: [],
  },
  classifier: {
    about: 'forwards, tells which sources take part in a flood, and drops them if asked to',
    capabilities: ['net_admin'],
    primitives: ['block', 'unblock'],
  },
  firewall: {
    about: 'forwards what its rules let through',
    capabilities: ['net_admin'],
    primitives: ['add-rule', 'remove-rule', 'list-rules'],
  },
  'load-balancer': {
    about: 'spreads connections over the backends that answer',
    capabilities: ['net_admin'],
    primitives: ['set-backends', 'list-backends'],
  },
  forwarder: { about: 'forwards', capabilities: ['net_admin'], primitives: [] },
  stamper: {
    about: 'forwards, and stamps the nonces that pass with a key of its own',
    capabilities: ['net_admin'],
    primitives: [],
    needs: ['stamp-key', 'stamp-destination'],
  },
  client: {
    about: 'sends a fresh nonce, and checks the stamps of all that it and its answer have passed',
    capabilities: [],
    primitives: ['probe', 'probe-until'],
  },
} as const satisfies Record<string, CatalogueEntry>;
export type CatalogueName = keyof typeof CATALOGUE;

export const isCatalogueName = (name: string): name is CatalogueName => Object.hasOwn(CATALOGUE, name);

/** Images of the catalogue's own packages are called so. */
const IMAGE_PREFIX = 'muster/';

/** What stands for an image of the catalogue, on every site and without a mapping; undefined: it is not one of them. */
export function catalogueTarget(image: string): ImageTarget | undefined {
  const name = image.startsWith(IMAGE_PREFIX) ? image.slice(IMAGE_PREFIX.length) : '';
  return isCatalogueName(name) ? { catalogue: name } : undefined;
}

/** What stands for an image on a site: what its operator says counts; undefined: nothing does. */
export function imageTargetOf(site: SiteConfig, image: string): ImageTarget | undefined {
  return Object.hasOwn(site.images, image) ? site.images[image] : catalogueTarget(image);
}
