import type { UserState } from '../../core/traffic/user-behaviour.ts';
import { firstDelayMs, nextRequest, requestOf } from '../../core/traffic/user-behaviour.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Random } from '../../ports/random.ts';
import type { RequestRecord } from '../../ports/testbed.ts';
import type { Ipv4 } from '../../protocol/ids.ts';
import type { UserGroup } from '../../protocol/scenario.ts';
import type { GuardedLink } from './guarded-link.ts';
import { runRequest } from './request-model.ts';
import type { ServerModel } from './server-model.ts';

export interface UserDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly path: readonly GuardedLink[];
  readonly server: ServerModel;
  readonly record: (request: RequestRecord) => void;
}

/** One legitimate user: asks, waits, thinks, retries, leaves; one connection a request. */
export class UserModel {
  readonly address: Ipv4;
  readonly group: UserGroup;
  readonly #deps: UserDeps;
  #state: UserState = { tries: 0 };
  #stopped = false;

  constructor(address: Ipv4, group: UserGroup, deps: UserDeps) {
    this.address = address;
    this.group = group;
    this.#deps = deps;
  }

  start(): void {
    const { clock, random } = this.#deps;
    clock.at(clock.nowMs() + firstDelayMs(this.group, random), () => this.#ask());
  }

  stop(): void {
    this.#stopped = true;
  }

  #ask(): void {
    if (this.#stopped) return;
    const { clock, random, path, server, record } = this.#deps;
    const { group, address } = this;
    const request = requestOf(group, server.spec.pageBytes);
    const startMs = clock.nowMs();
    runRequest({ clock, random, path, server, source: address, request }, (ended) => {
      const endMs = clock.nowMs();
      const next = nextRequest(group, this.#state, ended ? 'done' : 'late', endMs - startMs, random);
      this.#state = next.state;
      record({
        user: address,
        group: group.name,
        target: server.host,
        startMs,
        endMs,
        bytes: ended ? request.bytes : 0,
        inTime: ended,
        outcome: ended ? 'done' : next.left ? 'left' : 'late',
      });
      if (!this.#stopped) clock.at(endMs + next.afterMs, () => this.#ask());
    });
  }
}
