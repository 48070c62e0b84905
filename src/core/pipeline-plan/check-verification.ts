import type { PipelineView } from '../../protocol/pipeline-view.ts';
import { suggestName } from '../problems/nearest-name.ts';
import { showText } from '../problems/problem.ts';
import type { LenientPipeline, Named } from './lenient-pipeline.ts';
import { doubtful, type PipelineFinding, wrong } from './pipeline-finding.ts';
import { roundOrder } from './round-order.ts';
import { verifiersInOrder } from './verifiers.ts';

const AT = ['pipeline', 'verification'] as const;
const WORKED_OUT = 'or leave `verification` out: it is worked out';

/** Whether everybody has a turn, and is vouched for from other sites. */
export function checkVerification(
  pipeline: LenientPipeline,
  view?: PipelineView,
): readonly PipelineFinding[] {
  const { agents, order, verifiers, perRound } = pipeline;
  const siteOf = new Map(
    agents.flatMap(({ name, site }) => (name === undefined ? [] : [[name, site ?? ''] as const])),
  );
  const sites = new Set(siteOf.values());
  const findings: PipelineFinding[] = [];
  if (siteOf.size > 1 && sites.size < perRound + 1) {
    const message = `${sites.size} ${sites.size === 1 ? 'site has' : 'sites have'} agents: ${perRound + 1} are needed for ${perRound === 1 ? 'a verifier' : `${perRound} verifiers`} behind other guards`;
    findings.push(doubtful(['pipeline', 'agents'], message, 'put an agent at another site'));
  }
  if (
    view !== undefined &&
    (order !== undefined || verifiers !== undefined) &&
    perRound !== view.verifiersPerRound
  ) {
    const message = `rounds of what is up have ${view.verifiersPerRound} verifiers each: that stands in its contract`;
    const mend = `write ${view.verifiersPerRound}, or: muster up --verifiers ${perRound}`;
    findings.push(wrong([...AT, 'perRound'], message, mend));
  }
  if (order !== undefined) findings.push(...checkOrder(order, siteOf));
  if (verifiers !== undefined) findings.push(...checkVouching(pipeline, siteOf));
  return findings;
}

function checkOrder(
  order: readonly Named[],
  siteOf: ReadonlyMap<string, string>,
): readonly PipelineFinding[] {
  const findings = strangers(order, siteOf);
  const seen = new Set<string>();
  for (const { text, path } of order) {
    if (seen.has(text))
      findings.push(wrong(path, `\`${showText(text)}\` has a turn already`, 'name each agent once'));
    seen.add(text);
  }
  const missing = [...siteOf.keys()].filter((name) => !seen.has(name));
  if (missing.length > 0) {
    const message = `${missing.slice(0, 8).map(showQuoted).join(', ')} would have no turn`;
    findings.push(wrong([...AT, 'order'], message, `add what is missing, ${WORKED_OUT}`));
  }
  const names = order.map(({ text }) => text).filter((name) => siteOf.has(name));
  const best = roundOrder(siteOf);
  if (missing.length === 0 && neighbours(names, siteOf) > neighbours(best, siteOf)) {
    const message = 'agents of one site follow one another, and the one before cannot vouch for the next';
    findings.push(doubtful([...AT, 'order'], message, `e.g. [${best.join(', ')}]`));
  }
  return findings;
}

/** How many follow one of their own site. */
function neighbours(order: readonly string[], siteOf: ReadonlyMap<string, string>): number {
  return order.filter((name, place) => siteOf.get(name) === siteOf.get(order.at(place - 1) ?? '')).length;
}

function checkVouching(
  { verifiers = [], order, perRound }: LenientPipeline,
  siteOf: ReadonlyMap<string, string>,
): readonly PipelineFinding[] {
  const findings: PipelineFinding[] = [];
  const sites = new Set(siteOf.values()).size;
  const told = new Set<string>();
  const load = new Map<string, number>([...siteOf.keys()].map((name) => [name, 0]));
  for (const { of, by, path } of verifiers) {
    if (of === undefined) continue;
    findings.push(...strangers([of, ...by], siteOf));
    if (told.has(of.text))
      findings.push(wrong(of.path, `\`${showText(of.text)}\` is there already`, 'join the two'));
    told.add(of.text);
    const home = siteOf.get(of.text);
    const taken = new Set<string>();
    for (const verifier of by) {
      const site = siteOf.get(verifier.text);
      if (site === undefined) continue;
      load.set(verifier.text, (load.get(verifier.text) ?? 0) + 1);
      if (verifier.text === of.text) {
        findings.push(wrong(verifier.path, 'nobody vouches for itself', 'name an agent of another site'));
      } else if (site === home && sites > 1) {
        const message = `\`${showText(verifier.text)}\` is behind the same guard, that of ${showText(site)}`;
        findings.push(wrong(verifier.path, message, 'name an agent of another site'));
      } else if (taken.has(site) && sites > 1) {
        const message = `${showText(site)} vouches for \`${showText(of.text)}\` twice`;
        findings.push(wrong(verifier.path, message, 'name verifiers of different sites'));
      }
      taken.add(site);
    }
    const wanted = Math.min(perRound, (sites > 1 ? sites : siteOf.size) - 1);
    if (by.length < wanted || by.length > perRound) {
      const message = `\`${showText(of.text)}\` has ${by.length} of ${perRound} verifiers`;
      findings.push(wrong([...path, 'by'], message, `name ${wanted}, ${WORKED_OUT}`));
    }
  }
  const missing = [...siteOf.keys()].filter((name) => !told.has(name));
  if (missing.length > 0) {
    const message = `nobody vouches for ${missing.slice(0, 8).map(showQuoted).join(', ')}`;
    findings.push(
      wrong([...AT, 'verifiers'], message, `add them, or leave \`verifiers\` out: they are worked out`),
    );
  }
  const names = order?.map(({ text }) => text) ?? roundOrder(siteOf);
  const best = verifiersInOrder(names, (name) => siteOf.get(name), perRound);
  if (findings.length === 0 && spread(load.values()) > Math.max(1, spread(loadOf(best, siteOf)))) {
    const message = 'some vouch for many, others for few';
    findings.push(doubtful([...AT, 'verifiers'], message, 'leave `verifiers` out: they are spread evenly'));
  }
  return findings;
}

function loadOf(
  vouching: ReturnType<typeof verifiersInOrder>,
  siteOf: ReadonlyMap<string, string>,
): Iterable<number> {
  const load = new Map<string, number>([...siteOf.keys()].map((name) => [name, 0]));
  for (const name of vouching.flatMap(({ by }) => by)) load.set(name, (load.get(name) ?? 0) + 1);
  return load.values();
}

function spread(loads: Iterable<number>): number {
  const all = [...loads];
  return all.length === 0 ? 0 : Math.max(...all) - Math.min(...all);
}

function strangers(names: readonly Named[], siteOf: ReadonlyMap<string, unknown>): PipelineFinding[] {
  return names
    .filter(({ text }) => !siteOf.has(text))
    .map(({ text, path }) =>
      wrong(
        path,
        `there is no agent ${showQuoted(text)}`,
        suggestName(text, [...siteOf.keys()], 'an agent of the pipeline'),
      ),
    );
}

function showQuoted(name: string): string {
  return `\`${showText(name)}\``;
}
