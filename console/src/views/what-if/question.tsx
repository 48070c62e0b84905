import { useState } from 'react';
import { useLocation, useSearchParams } from 'wouter';
import type { NetworkView } from '../../../../src/protocol/network-view.ts';
import type { ServiceInstance } from '../../../../src/protocol/service-record.ts';
import type { Status } from '../../../../src/protocol/up-status.ts';
import type { WhatIfView } from '../../../../src/protocol/what-if.ts';
import { ask, Refused } from '../../data/ask.ts';
import { useAsked } from '../../data/use-asked.ts';
import { CopyCommand } from '../../parts/copy-command.tsx';
import { useAddress } from '../../parts/link.tsx';
import { NumberField } from '../../parts/number-field.tsx';
import { Loading, RefusedNote } from '../../parts/states.tsx';

type Kind = 'lose-site' | 'more-users' | 'attack';

const KINDS: readonly { readonly kind: Kind; readonly words: string }[] = [
  { kind: 'lose-site', words: 'a site is lost' },
  { kind: 'more-users', words: 'there are more users' },
  { kind: 'attack', words: 'a service is attacked' },
];

interface Targets {
  readonly sites: readonly string[];
  /** Who has users. */
  readonly asked: readonly string[];
  /** Who can be attacked. */
  readonly servers: readonly string[];
}

/** The question; what is chosen stands in the address, so that other views lead here with it. */
export function Question({ isBusy }: { readonly isBusy: boolean }) {
  const targets = useTargets();
  return (
    <section className="card wide" aria-labelledby="question">
      <h2 id="question">What if …</h2>
      {targets === undefined ? <Loading what="what is up" /> : <Form targets={targets} isBusy={isBusy} />}
    </section>
  );
}

function Form({ targets, isBusy }: { readonly targets: Targets; readonly isBusy: boolean }) {
  const [params, setParams] = useSearchParams();
  const [, navigate] = useLocation();
  const address = useAddress();
  const [refused, setRefused] = useState<Refused>();
  const [sending, setSending] = useState(false);
  const kinds = KINDS.filter(({ kind }) => kind !== 'lose-site' || targets.sites.length > 0);
  const kind = kinds.find((each) => each.kind === params.get('kind'))?.kind ?? kinds[0]?.kind ?? 'attack';
  const choices = {
    'lose-site': targets.sites,
    'more-users': ['', ...targets.asked],
    attack: targets.servers,
  }[kind];
  const wanted = params.get('of') ?? '';
  const of = choices.includes(wanted) ? wanted : (choices[0] ?? '');
  const numberIn = (name: string, usual: number) => Number(params.get(name) ?? usual);
  const [factor, sources, rate] = [numberIn('factor', 2), numberIn('sources', 3), numberIn('rate', 2000)];
  const [seconds, seed] = [numberIn('for', 60), numberIn('seed', 1)];
  const set = (name: string, value: string) =>
    setParams(
      (before) => {
        const next = new URLSearchParams(before);
        next.set(name, value);
        return next;
      },
      { replace: true },
    );
  const change = {
    'lose-site': { kind, site: of },
    'more-users': { kind, factor, ...(of === '' ? {} : { of }) },
    attack: { kind, target: of, sources, ratePps: rate },
  }[kind];
  const flags = {
    'lose-site': '',
    'more-users': ` --factor ${factor}`,
    attack: ` --sources ${sources} --rate ${rate}`,
  }[kind];
  const command = `muster what-if ${kind}${of === '' ? '' : ` ${of}`}${flags} --for ${seconds} --seed ${seed}`;
  const start = async () => {
    setSending(true);
    try {
      const { id } = await ask<WhatIfView>('/v1/what-ifs', {
        method: 'POST',
        body: { change, seconds, seed },
      });
      navigate(address(`/what-if/${encodeURIComponent(id)}`));
    } catch (error) {
      setRefused(error instanceof Refused ? error : new Refused(0, String(error), ''));
      setSending(false);
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void start();
      }}
    >
      <div className="filters">
        <label>
          what happens
          <select value={kind} onChange={({ target }) => set('kind', target.value)}>
            {kinds.map((each) => (
              <option key={each.kind} value={each.kind}>
                {each.words}
              </option>
            ))}
          </select>
        </label>
        <label>
          {kind === 'lose-site' ? 'which site' : 'of which service'}
          <select value={of} onChange={({ target }) => set('of', target.value)}>
            {choices.map((each) => (
              <option key={each} value={each}>
                {each === '' ? 'all' : each}
              </option>
            ))}
          </select>
        </label>
        {kind !== 'more-users' ? null : (
          <NumberField
            name="times as many"
            value={factor}
            min={1.1}
            max={20}
            step="any"
            onChange={(value) => set('factor', value)}
          />
        )}
        {kind !== 'attack' ? null : (
          <>
            <NumberField
              name="attackers"
              value={sources}
              min={1}
              max={100}
              onChange={(value) => set('sources', value)}
            />
            <NumberField
              name="SYN/s of each"
              value={rate}
              min={1}
              max={5000}
              onChange={(value) => set('rate', value)}
            />
          </>
        )}
        <NumberField
          name="seconds ahead"
          value={seconds}
          min={10}
          max={300}
          onChange={(value) => set('for', value)}
        />
        <NumberField
          name="seed"
          value={seed}
          min={0}
          max={2 ** 31}
          onChange={(value) => set('seed', value)}
        />
      </div>
      {choices.length === 0 ? (
        <p className="about">Nothing of that kind is up: muster service apply brings a service.</p>
      ) : null}
      <p className="about">
        Two forks are run ahead with the same seed, one with the change and one without, by the same agents as
        here.
      </p>
      {refused === undefined ? null : <RefusedNote refused={refused} />}
      <div className="buttons">
        <button type="submit" className="main" disabled={isBusy || sending || choices.length === 0}>
          {isBusy ? 'one is running' : 'run it ahead'}
        </button>
      </div>
      <CopyCommand command={command} />
    </form>
  );
}

/** Sites and services, or what the scenario that is up has. Undefined: it is not known yet. */
function useTargets(): Targets | undefined {
  const view = useAsked<NetworkView>('/v1/network');
  const status = useAsked<Status>('/v1/status');
  const managed = status.value !== undefined && status.value.services !== null;
  const services = useAsked<readonly ServiceInstance[]>(managed ? '/v1/services' : null);
  if (view.value === undefined || status.value === undefined || (managed && services.value === undefined))
    return undefined;
  const { scenario, substrate } = view.value;
  const running = (services.value ?? [])
    .filter(({ state }) => state === 'INSTANTIATED')
    .map(({ name }) => name);
  return {
    sites: substrate?.sites ?? [],
    asked: [...running, ...scenario.users.map(({ name }) => name)],
    servers: [
      ...running,
      ...scenario.functions.flatMap(({ kind, name }) => (kind === 'web-server' ? [name] : [])),
    ],
  };
}
