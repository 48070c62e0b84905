import type { SiteDigest } from '../../protocol/placement.ts';
import type { SubstrateView } from '../placement/substrate-view.ts';
import { takeDigest, VERSIONS_OF_A_LIFE } from '../placement/substrate-view.ts';
import type { Topology } from '../placement/topology.ts';

/** Characters of news in one message at most: beside as many tasks as go in one, it has to fit. */
export const MAX_NEWS_CHARS = 18_000;
/** A number takes as many at most, and what is around it. */
const NUMBER_CHARS = 23;

/** Characters that what a site tells of so many hosts and links can have as JSON at most. */
export function digestChars(hosts: readonly string[], links: readonly string[]): number {
  let chars = 200;
  for (const name of hosts) chars += name.length + 3 * NUMBER_CHARS + 6;
  for (const id of links) chars += id.length + NUMBER_CHARS + 6;
  return chars;
}

interface Heard {
  readonly digest: SiteDigest;
  /** Counts what was heard: the later, the higher. */
  readonly seq: number;
  readonly chars: number;
}

export interface News {
  readonly digests: SiteDigest[];
  /** To be given back with `answered` when the one who was told has answered. */
  readonly seq: number;
}

/** What an agent has heard of sites, and to whom it has told it: nobody is told twice what he has acknowledged by an answer. */
export class SiteNews {
  readonly #topology: Topology;
  readonly #view: SubstrateView;
  readonly #heard = new Map<string, Heard>();
  readonly #known = new Map<string, number>();
  /** News by what is known already: most agents know the same. */
  #cached = new Map<number, News>();
  #seq = 0;

  constructor(topology: Topology, view: SubstrateView) {
    this.#topology = topology;
    this.#view = view;
  }

  /** `from`: the agent of that site, where it has said so itself. */
  learn(digest: SiteDigest, from?: string): void {
    const before = this.#view.versions.get(digest.site) ?? 0;
    const isReborn =
      Math.floor(digest.version / VERSIONS_OF_A_LIFE) > Math.floor(before / VERSIONS_OF_A_LIFE);
    if (isReborn && from !== undefined) this.#known.delete(from);
    if (!takeDigest(this.#view, this.#topology, digest)) return;
    // The last heard are the last in the map.
    this.#heard.delete(digest.site);
    const chars = digestChars(
      digest.hosts.map(([name]) => name),
      digest.links.map(([id]) => id),
    );
    this.#heard.set(digest.site, { digest, seq: ++this.#seq, chars });
    this.#cached.clear();
  }

  /** What an agent has not been told yet, the oldest first; what is too much waits for the next message. */
  for(agent: string): News {
    const known = this.#known.get(agent) ?? 0;
    const cached = this.#cached.get(known);
    if (cached !== undefined) return cached;
    const digests: SiteDigest[] = [];
    let seq = known;
    let told = 0;
    for (const heard of this.#heard.values()) {
      if (heard.seq <= known) continue;
      if (digests.length > 0 && told + heard.chars > MAX_NEWS_CHARS) break;
      digests.push(heard.digest);
      told += heard.chars;
      seq = heard.seq;
    }
    const news = { digests, seq };
    this.#cached.set(known, news);
    return news;
  }

  answered(agent: string, seq: number): void {
    if (seq > (this.#known.get(agent) ?? 0)) this.#known.set(agent, seq);
  }
}
