import type { PipelineView } from '../../protocol/pipeline-view.ts';
import { suggestName } from '../problems/nearest-name.ts';
import { showText } from '../problems/problem.ts';
import type { LenientAgent, LenientPipeline } from './lenient-pipeline.ts';
import { doubtful, type PipelineFinding, wrong } from './pipeline-finding.ts';
import { TALKS } from './talks.ts';

/** Names, hosts and roles of a pipeline's agents, also against what is up (`view`), where something is. */
export function checkAgents(pipeline: LenientPipeline, view?: PipelineView): readonly PipelineFinding[] {
  return [
    ...names(pipeline, view),
    ...hosts(pipeline.agents),
    ...roles(pipeline),
    ...(view === undefined ? [] : surroundings(pipeline, view)),
  ];
}

function names({ agents, name: pipeline }: LenientPipeline, view?: PipelineView): readonly PipelineFinding[] {
  const first = new Map<string, LenientAgent>();
  const findings: PipelineFinding[] = [];
  for (const agent of agents) {
    const { name, path } = agent;
    if (name === undefined) continue;
    if (first.has(name)) {
      const mend = `give it a name of its own, e.g. \`${showText(name)}-2\``;
      findings.push(wrong([...path, 'name'], `there is an agent \`${showText(name)}\` already`, mend));
    } else first.set(name, agent);
  }
  const others = view?.agents.some((agent) => agent.pipeline !== pipeline) === true;
  if (agents.length === 1 && !others) {
    const message = 'one agent cannot attest itself';
    findings.push(wrong(['pipeline', 'agents'], message, 'add another, at another site if there is one'));
  }
  return findings;
}

function hosts(agents: readonly LenientAgent[]): readonly PipelineFinding[] {
  const first = new Map<string, LenientAgent>();
  return agents.flatMap((agent): readonly PipelineFinding[] => {
    const { host, site, path, name } = agent;
    if (host === undefined) return [];
    const other = first.get(host);
    if (other === undefined) {
      first.set(host, agent);
      return [];
    }
    const found = [
      wrong(
        [...path, 'host'],
        `\`${showText(other.name ?? 'another')}\` looks after ${showText(host)} already`,
        `an agent has a host to itself: give \`${showText(name ?? 'this one')}\` another`,
      ),
    ];
    if (site !== undefined && other.site !== undefined && site !== other.site) {
      const message = `${showText(host)} is at ${showText(other.site)} further up, and at ${showText(site)} here`;
      found.push(wrong([...path, 'site'], message, 'a host is at one site'));
    }
    return found;
  });
}

function roles({ agents }: LenientPipeline): readonly PipelineFinding[] {
  const able = new Set(agents.flatMap(({ capabilities }) => capabilities));
  return TALKS.flatMap(({ goal, asks, offers }): readonly PipelineFinding[] => {
    const asking = agents.find(({ capabilities }) => capabilities.includes(asks));
    if (asking === undefined || able.has(offers)) return [];
    const message = `nobody offers ${goal}, which \`${showText(asking.name ?? '')}\` asks for as ${asks}`;
    return [doubtful([...asking.path, 'capabilities'], message, `give some agent the capability ${offers}`)];
  });
}

function surroundings(
  { agents, name: pipeline }: LenientPipeline,
  view: PipelineView,
): readonly PipelineFinding[] {
  const siteOf = new Map<string, string>(view.hosts.map(({ name, site }) => [name, site]));
  const others = view.agents.filter((agent) => agent.pipeline !== pipeline);
  const findings = agents.flatMap((agent): readonly PipelineFinding[] => {
    const { name, host, site, image, path } = agent;
    const found: PipelineFinding[] = [];
    const there = host === undefined ? undefined : siteOf.get(host);
    if (host !== undefined && there === undefined) {
      const mend = suggestName(host, [...siteOf.keys()], 'a host');
      found.push(wrong([...path, 'host'], `there is no host \`${showText(host)}\` here`, mend));
    }
    if (there !== undefined && site !== undefined && there !== site) {
      const message = `${showText(host ?? '')} is at ${there}, not at ${showText(site)}`;
      found.push(
        wrong([...path, 'site'], message, `write \`site: ${there}\`, or name a host of ${showText(site)}`),
      );
    }
    const holder = others.find((other) => other.host === host);
    if (holder !== undefined && holder.name !== name) {
      const message = `${holder.name} of the pipeline ${holder.pipeline} looks after ${showText(host ?? '')}`;
      const free = freeAt(view, there ?? '');
      const mend =
        free === undefined ? `muster agent remove ${holder.name}` : `free at ${there}: \`${free}\``;
      found.push(wrong([...path, 'host'], message, mend));
    }
    const same = others.find((other) => other.name === name);
    if (same !== undefined) {
      const message = `\`${same.name}\` is an agent of the pipeline ${same.pipeline}`;
      found.push(wrong([...path, 'name'], message, 'give it another name'));
    }
    const digest = image?.split('@sha256:')[1];
    if (digest !== undefined && view.imageSha256 !== null && digest !== view.imageSha256) {
      const message = `what is up boots agents from @sha256:${view.imageSha256.slice(0, 12)}…, and from nothing else`;
      found.push(
        wrong(
          [...path, 'image'],
          message,
          'leave the digest out; to another image: muster pipeline upgrade FILE',
        ),
      );
    }
    return found;
  });
  const fresh = agents.filter(({ name }) => !view.agents.some((agent) => agent.name === name)).length;
  if (fresh > view.room) {
    const message = `${fresh} agents would come, and there is room for ${view.room} with new names`;
    findings.push(wrong(['pipeline', 'agents'], message, 'muster down and up again, or use fewer'));
  }
  return findings;
}

function freeAt({ hosts: all, agents }: PipelineView, site: string): string | undefined {
  return all.find((host) => host.site === site && !agents.some((agent) => agent.host === host.name))?.name;
}
