import type { DataPlane } from '../../ports/data-plane.ts';
import { serviceInLink } from '../../protocol/ids.ts';
import type { Outcome } from '../../protocol/plane.ts';

/**
 * The network of a scenario and the virtual links of services as one data plane: what is about a link goes where that is. A rule or an award
 * does not say where it is in force: what is about those goes to both.
 */
export function joinedPlane(network: DataPlane, links: () => DataPlane | undefined): DataPlane {
  const planeOf = (link: string): DataPlane =>
    (serviceInLink(link) === undefined ? undefined : links()) ?? network;
  return {
    kind: network.kind,
    execute: (command, done) => {
      const more = links();
      if ('link' in command) planeOf(command.link).execute(command, done);
      else if (more === undefined) network.execute(command, done);
      else {
        network.execute(command, (outcome) => {
          if (outcome.ok) more.execute(command, done);
          else done(outcome);
        });
      }
    },
    measure: (query, done) => {
      if (query.kind !== 'rules') {
        planeOf(query.link).measure(query, done);
        return;
      }
      const more = links();
      network.measure(query, (outcome) => {
        if (more === undefined || !outcome.ok || outcome.value.kind !== 'rules') {
          done(outcome);
          return;
        }
        const { entries } = outcome.value;
        more.measure(query, (other) => {
          if (!other.ok || other.value.kind !== 'rules') done(other);
          else done(ok({ kind: 'rules', entries: [...entries, ...other.value.entries] }));
        });
      });
    },
    guardedLinks: () => [...network.guardedLinks(), ...(links()?.guardedLinks() ?? [])],
    addressOf: (node) => network.addressOf(node),
  };
}

function ok<T>(value: T): Outcome<T> {
  return { ok: true, value };
}
