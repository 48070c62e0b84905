import type { ForwardingPath } from '../../protocol/descriptors.ts';
import { behindPoint, interfaceName } from './interfaces.ts';
import type { PlanRefusal } from './refusal.ts';
import type { PlannedVnf } from './resolve-vnfs.ts';

/** One hop of a path before it is known which unit takes it. */
export interface PlannedHop {
  readonly vnf: string;
  readonly vdu: string;
  readonly ingress: string;
  readonly egress: string;
}

/**
 * The hops of a forwarding path: a step that goes in at one VDU of a function and out at another is two hops, joined by an internal link.
 * A member that the flow only comes from, or ends at, is a hop like the others.
 */
export function hopsOf(
  path: ForwardingPath,
  vnfs: readonly PlannedVnf[],
): { readonly hops: readonly PlannedHop[]; readonly refusals: readonly PlanRefusal[] } {
  const refusals: PlanRefusal[] = [];
  const hops = path.steps.flatMap(({ member, ingress, egress }): readonly PlannedHop[] => {
    const about = `forwarding path ${path.id}, member ${member}`;
    // Of several instances of a member the first one is taken: nobody has said how flows would be shared out.
    const vnf = vnfs.find((each) => each.member.id === member);
    const into = vnf === undefined || ingress === undefined ? undefined : behindPoint(vnf, ingress);
    const from = vnf === undefined || egress === undefined ? undefined : behindPoint(vnf, egress);
    if (vnf === undefined || into === undefined || from === undefined) {
      const point = into === undefined ? ingress : egress;
      refusals.push({
        about,
        reason: `no VDU is behind its connection point ${point ?? '(none is named)'}`,
        mend: 'name an ext-cpd of the VNFD that an int-cpd is behind',
      });
      return [];
    }
    if (into.vdu.id === from.vdu.id) {
      return [{ vnf: vnf.id, vdu: into.vdu.id, ingress: into.interface, egress: from.interface }];
    }
    for (const left of into.vdu.connectionPoints) {
      const right = from.vdu.connectionPoints.find(
        (each) => left.virtualLink !== undefined && each.virtualLink === left.virtualLink,
      );
      if (right === undefined) continue;
      return [
        { vnf: vnf.id, vdu: into.vdu.id, ingress: into.interface, egress: interfaceName(left) },
        { vnf: vnf.id, vdu: from.vdu.id, ingress: interfaceName(right), egress: from.interface },
      ];
    }
    refusals.push({
      about,
      reason: `it goes in at the VDU ${into.vdu.id} and out at ${from.vdu.id}, and no internal virtual link joins them`,
      mend: 'join both to one int-virtual-link-desc, or name points of one VDU',
    });
    return [];
  });
  return { hops, refusals };
}
