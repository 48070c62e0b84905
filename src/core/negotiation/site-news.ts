import type { SiteDigest } from '../../protocol/placement.ts';
import type { SubstrateView } from '../placement/substrate-view.ts';
import { takeDigest } from '../placement/substrate-view.ts';
import type { Topology } from '../placement/topology.ts';

/** Hosts and links that one message tells of at most. */
const MAX_TOLD = 500;

interface Heard {
  readonly digest: SiteDigest;
  /** Counts what was heard: the later, the higher. */
  readonly seq: number;
  readonly size: number;
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

  learn(digest: SiteDigest): void {
    if (!takeDigest(this.#view, this.#topology, digest)) return;
    // The last heard are the last in the map.
    this.#heard.delete(digest.site);
    const size = digest.hosts.length + digest.links.length;
    this.#heard.set(digest.site, { digest, seq: ++this.#seq, size });
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
      if (digests.length > 0 && told + heard.size > MAX_TOLD) break;
      digests.push(heard.digest);
      told += heard.size;
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
