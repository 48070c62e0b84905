import type { AgentId } from '../../protocol/ids.ts';
import type { Hex } from '../../protocol/ledger.ts';
import { imageDigest } from '../image/wrap-image.ts';
import type { AgentImage } from './agent-image.ts';
import type { NativeAgent } from './native-program.ts';

export interface AgentImagesOptions {
  /** Of all agents that have none of their own. */
  readonly image: AgentImage;
  /** Agents that are started from an image of their own, and are no Node programs. */
  readonly native: ReadonlyMap<AgentId, NativeAgent>;
  /** Of the image that the ledger has of the incarnation that acts. */
  digestOf(agent: AgentId): Hex | undefined;
}

/** What each agent is started from. While an upgrade is on, or has been stopped, those that have gone over have another image than the rest. */
export class AgentImages {
  readonly #options: AgentImagesOptions;
  #current: AgentImage;
  /** Of upgrades that have been begun and not ended. */
  readonly #newer: AgentImage[] = [];

  constructor(options: AgentImagesOptions) {
    this.#options = options;
    this.#current = options.image;
  }

  /** Of all agents, or of those that have not gone over yet. */
  get current(): AgentImage {
    return this.#current;
  }

  /** The newest that any of these runs, or may be started from. */
  newestOf(agents: readonly AgentId[]): AgentImage {
    const newer = this.#newer.filter((image) => agents.some((agent) => this.isOn(agent, image)));
    return newer.reduce(
      (newest, each) => (each.verified.manifest.version > newest.verified.manifest.version ? each : newest),
      this.#current,
    );
  }

  native(agent: AgentId): NativeAgent | undefined {
    return this.#options.native.get(agent);
  }

  /** What the next incarnation of an agent is started from: the image that the ledger has seen it with, for none goes back. */
  of(agent: AgentId): AgentImage {
    const native = this.native(agent);
    if (native !== undefined) return native.image;
    return this.#newer.find((each) => this.isOn(agent, each)) ?? this.#current;
  }

  /** Whether that is what the incarnation that acts was started from. */
  isOn(agent: AgentId, image: AgentImage): boolean {
    return this.#options.digestOf(agent) === digestOf(image);
  }

  /** Agents may go over to it from now on. */
  begin(image: AgentImage): void {
    if (!this.#newer.some((each) => digestOf(each) === digestOf(image))) this.#newer.push(image);
  }

  /** All have gone over to it. */
  end(image: AgentImage): void {
    this.#current = image;
    this.#newer.length = 0;
  }
}

/** As the ledger has it. */
export function digestOf({ verified }: AgentImage): Hex {
  return `0x${imageDigest(verified.manifest)}`;
}
