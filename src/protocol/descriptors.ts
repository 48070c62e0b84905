/** What a VDU or a whole service needs of the machines it runs on. */
export interface Demand {
  readonly vcpus: number;
  readonly memoryMib: number;
  readonly storageGb: number;
}

/** Where a VDU is joined to a network. */
export interface ConnectionPoint {
  readonly id: string;
  /** Name of the interface within the VDU, e.g. `eth0`. */
  readonly interfaceName: string | undefined;
  /** Its place among the interfaces; those without one follow in the order of the file. */
  readonly position: number | undefined;
  /** Internal virtual link; undefined: it leads out of the VNF, if anywhere. */
  readonly virtualLink: string | undefined;
}

export interface Monitoring {
  readonly id: string;
  readonly metric: string;
}

export interface Alarm {
  readonly id: string;
  readonly monitoring: string | undefined;
  readonly operation: string | undefined;
  readonly value: number | undefined;
  /** Addresses that are told, by what has happened. */
  readonly webhooks: readonly { readonly on: 'ok' | 'insufficient-data' | 'alarm'; readonly url: string }[];
}

/** A VDU: what becomes one or more units that run. */
export interface Vdu {
  readonly id: string;
  readonly name: string;
  /** The image that is looked up in the site's mapping; undefined: it names none. */
  readonly image: string | undefined;
  readonly demand: Demand;
  readonly cloudInitFile: string | undefined;
  readonly cloudInit: string | undefined;
  readonly connectionPoints: readonly ConnectionPoint[];
  readonly monitoring: readonly Monitoring[];
  readonly alarms: readonly Alarm[];
  /** Present: a physical unit, which cannot be started. */
  readonly pduType: string | undefined;
}

/** How many instances of a VDU there are at first, at least and at most. */
export interface InstanceBounds {
  readonly vdu: string;
  readonly initial: number;
  readonly min: number;
  readonly max: number;
  readonly groups: readonly string[];
}

export interface ScalingCriterion {
  readonly name: string;
  readonly monitoring: string | undefined;
  readonly scaleOut: { readonly operation: string; readonly threshold: number } | undefined;
  readonly scaleIn: { readonly operation: string; readonly threshold: number } | undefined;
}

/** Whether all criteria of a policy have to be met, or any one. */
export type CriteriaOperation = 'AND' | 'OR';

export interface ScalingPolicy {
  readonly name: string;
  readonly automatic: boolean;
  readonly enabled: boolean;
  readonly thresholdMs: number;
  readonly cooldownMs: number;
  readonly outWhen: CriteriaOperation;
  readonly inWhen: CriteriaOperation;
  readonly criteria: readonly ScalingCriterion[];
}

export interface ScalingAspect {
  readonly id: string;
  readonly name: string;
  /** What the descriptor asks for. */
  readonly askedMaxLevel: number;
  /** What the bounds of its VDUs allow: the highest level there is. */
  readonly maxLevel: number;
  /** Instances that one level adds. */
  readonly steps: readonly { readonly vdu: string; readonly instances: number }[];
  readonly policies: readonly ScalingPolicy[];
  /** Primitives that are carried out before or after, e.g. `post-scale-out`. */
  readonly actions: readonly { readonly trigger: string; readonly primitive: string }[];
}

export interface HealingPolicy {
  readonly aspect: string;
  readonly vdu: string;
  readonly event: string | undefined;
  readonly automatic: boolean;
  /** E.g. `REDEPLOY_ONLY`. */
  readonly action: string;
  readonly cooldownMs: number;
  /** Whether what is done on the first day is done again. */
  readonly day1: boolean;
}

export interface PrimitiveParameter {
  readonly name: string;
  readonly type: string | undefined;
  /** The value that is used when nobody gives another. */
  readonly value: string | undefined;
  /** Names between `<` and `>` that have to be filled in first; `rw_mgmt_ip` fills itself. */
  readonly placeholders: readonly string[];
}

/** Something that can be done to a function. */
export interface Primitive {
  readonly name: string;
  readonly when: 'initial' | 'on-demand' | 'terminate';
  /** Order among those of the same time. */
  readonly seq: number;
  /** VNF or VDU that it is done to. */
  readonly target: string;
  readonly parameters: readonly PrimitiveParameter[];
  /** `FAILED` at once, with the reason: what it needs is not run by Muster. `READY`: it can be tried. */
  readonly outcome: { readonly state: 'READY' } | { readonly state: 'FAILED'; readonly reason: string };
}

export interface AffinityGroup {
  readonly id: string;
  readonly kind: 'affinity' | 'anti-affinity';
  readonly scope: string | undefined;
}

/** One way in which a VNF can be deployed. */
export interface VnfFlavour {
  readonly id: string;
  readonly instances: readonly InstanceBounds[];
  readonly scaling: readonly ScalingAspect[];
  readonly healing: readonly HealingPolicy[];
  readonly primitives: readonly Primitive[];
  readonly groups: readonly AffinityGroup[];
  /** Of all instances that there are at first. */
  readonly demand: Demand;
}

export interface ExternalPoint {
  readonly id: string;
  /** The connection point of a VDU behind it. */
  readonly vdu: string | undefined;
  readonly point: string | undefined;
  /** Or the internal virtual link that it opens. */
  readonly virtualLink: string | undefined;
}

/** A VNF descriptor that has been checked. */
export interface Vnfd {
  readonly kind: 'vnfd';
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly softwareVersion: string;
  readonly description: string;
  readonly managementPoint: string | undefined;
  readonly vdus: readonly Vdu[];
  readonly virtualLinks: readonly string[];
  readonly externalPoints: readonly ExternalPoint[];
  /** The first one is used unless another is asked for. */
  readonly flavours: readonly VnfFlavour[];
  readonly kdus: readonly {
    readonly name: string;
    readonly helmChart: string | undefined;
    readonly jujuBundle: string | undefined;
  }[];
  /** Why it cannot be started as it stands, whatever the site; empty: it can. */
  readonly cannotRun: readonly string[];
}

export interface ServiceLink {
  readonly id: string;
  readonly management: boolean;
  /** A network of the site that it is joined to. */
  readonly siteNetwork: string | undefined;
  readonly cidr: string | undefined;
}

/** A VNF within a service. */
export interface ServiceMember {
  readonly id: string;
  readonly vnfdId: string;
  /** Undefined: the first of the VNFD. */
  readonly flavour: string | undefined;
  readonly level: string | undefined;
  readonly minInstances: number;
  readonly maxInstances: number;
  readonly groups: readonly string[];
  readonly connections: readonly {
    readonly point: string;
    /** Id of a `ServiceLink`. */
    readonly link: string;
    readonly address: string | undefined;
  }[];
}

/** One step of a forwarding path: what comes in at one point goes out at the other; they may be the same. */
export interface PathStep {
  readonly member: string;
  readonly ingress: string | undefined;
  readonly egress: string | undefined;
}

/** What flows take a path; what is undefined matches anything. */
export interface FlowMatch {
  readonly id: string;
  /** IANA protocol number, e.g. 6 for TCP. */
  readonly protocol: number | undefined;
  readonly source: string | undefined;
  readonly destination: string | undefined;
  readonly sourcePort: number | undefined;
  readonly destinationPort: number | undefined;
  /** The member from which the flow comes. */
  readonly from: string | undefined;
}

export interface ForwardingPath {
  readonly id: string;
  readonly steps: readonly PathStep[];
  readonly matches: readonly FlowMatch[];
}

export interface ForwardingGraph {
  readonly id: string;
  readonly members: readonly string[];
  readonly paths: readonly ForwardingPath[];
}

export interface ServiceFlavour {
  readonly id: string;
  readonly members: readonly ServiceMember[];
  readonly groups: readonly AffinityGroup[];
}

/** A service descriptor that has been checked. */
export interface Nsd {
  readonly kind: 'nsd';
  readonly id: string;
  /** The same of all its versions; of one that says nothing, its id. */
  readonly invariantId: string;
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly vnfdIds: readonly string[];
  readonly links: readonly ServiceLink[];
  readonly flavours: readonly ServiceFlavour[];
  readonly forwardingGraphs: readonly ForwardingGraph[];
}

export type Descriptor = Vnfd | Nsd;
export type DescriptorKind = Descriptor['kind'];
