import type { PlacedUnit } from '../../core/pipeline-plan/duties.ts';
import { pipelineChanges } from '../../core/pipeline-plan/pipeline-changes.ts';
import { serviceGraph } from '../../core/service-plan/service-graph.ts';
import type { Store } from '../../ports/store.ts';
import { imageTargetOf } from '../../protocol/catalogue.ts';
import type { PipelineDescriptor } from '../../protocol/pipeline-descriptor.ts';
import type { PipelineView } from '../../protocol/pipeline-view.ts';
import type { Lack } from '../../protocol/service-control.ts';
import type { ServiceFile } from '../../protocol/service-file.ts';
import type { ServiceInstance } from '../../protocol/service-record.ts';
import type { SiteConfig } from '../../protocol/site-config.ts';
import type { Substrate } from '../../protocol/substrate.ts';
import { changeRows } from '../pipelines/pipeline-in-words.ts';
import { pipelineName, servicePipeline } from '../pipelines/plan-service-pipeline.ts';
import { type ServiceToControl, serviceToControl } from '../pipelines/service-to-control.ts';
import { planPlacement } from '../plan/plan-placement.ts';
import type { ServiceChange } from '../services/operations.ts';
import { planOf, targetShape } from '../services/plan-of.ts';
import { packagesIn } from '../services/service-packages.ts';
import { lacksIn } from './lacks.ts';

export interface ControlPreview {
  readonly file: ServiceFile;
  /** The service of that name; undefined: there is none yet. */
  readonly before: ServiceInstance | undefined;
  /** With all that it needs onboarded. */
  readonly packages: Store;
  readonly site: SiteConfig;
  /** What is up. */
  readonly view: PipelineView;
  /** What sites have for services; null: nobody manages services. */
  readonly substrate: Substrate | null;
}

const PLACED = { exactWithinMs: undefined };

/**
 * What applying a service file would change of its control agents: of a service that runs from where its units are now, else from where
 * bargaining would put them on sites that are empty. @throws BAD_SERVICE.
 */
export async function previewControl(preview: ControlPreview): Promise<readonly ServiceChange[]> {
  const { file, before, view } = preview;
  const name = pipelineName(file.name, view.name);
  if (file.control !== 'planned') {
    const none = { name, service: file.name, agents: [] };
    return before?.wanted.control === 'planned' ? changesTo(none, view) : [];
  }
  const toControl =
    before?.state === 'INSTANTIATED'
      ? await serviceToControl({ ...before, wanted: file }, preview.packages, preview.site)
      : await placedBest(preview);
  if (toControl === undefined) return [];
  const planned = servicePipeline({
    ...toControl,
    substrate: undefined,
    view,
    perRound: undefined,
    bidders: 2,
  });
  return 'refusals' in planned ? lacksIn(planned).map(lacking) : changesTo(planned.pipeline, view);
}

function changesTo(pipeline: PipelineDescriptor, view: PipelineView): readonly ServiceChange[] {
  const plan = pipelineChanges(pipeline, view);
  if ('refusals' in plan) return lacksIn(plan).map(lacking);
  return changeRows({ ...plan, order: undefined }, view).map(({ agent, change, what }) => ({
    about: `control agent ${agent}`,
    change: `${{ add: 'comes', move: 'moves', remove: 'goes', order: '' }[change]} ${what}`,
  }));
}

function lacking({ reason, mend }: Lack): ServiceChange {
  return { about: 'control agents', change: `cannot be: ${reason}; ${mend}` };
}

/** Undefined: it has no place, which is told when it is applied. */
async function placedBest({
  file,
  packages,
  site,
  substrate,
}: ControlPreview): Promise<ServiceToControl | undefined> {
  if (substrate === null) return undefined;
  const sources = {
    packages: packagesIn(packages),
    imageFor: (image: string) => imageTargetOf(site, image),
  };
  const { plan } = await planOf(file, file.flavour, () => undefined, sources);
  const { shape } = targetShape({
    service: file.name,
    plan,
    units: [],
    nextIndex: {},
    leaving: new Set(),
    asTheyAre: false,
    nowMs: 0,
  });
  const { placement } = await planPlacement(
    serviceGraph(file.name, plan, shape.units, file),
    substrate,
    PLACED,
  );
  if (placement === undefined) return undefined;
  const places = new Map(placement.units.map((each) => [each.unit, each]));
  const units = shape.units.flatMap(({ vnf, vdu, unit }): readonly PlacedUnit[] => {
    const place = places.get(unit.id);
    return place === undefined ? [] : [{ vnf, vdu, site: place.site, host: place.host }];
  });
  return { service: file.name, plan, units };
}
