import { useEffect, useMemo, useRef, useState } from 'react';
import type { NetworkCounters } from '../../../../src/protocol/network-counters.ts';
import type { RunDetail } from '../../../../src/protocol/run-view.ts';
import { useAsked } from '../use-asked.ts';
import type { Looking } from '../use-journal.ts';
import { NO_RATES, type Rates, ratesBetween, ratesOfRun } from './rates.ts';

const EVERY_MS = 1000;

/** What goes over links: of a run at any time, of what is up only now, since its counters have no past. */
export function useRates({ source, isNow, last }: Looking, run: RunDetail | undefined): Rates {
  const live = source.kind === 'up' && isNow;
  const { value } = useAsked<NetworkCounters>(live ? '/v1/network/counters' : null, EVERY_MS);
  const before = useRef<NetworkCounters | undefined>(undefined);
  const [rates, setRates] = useState<Rates>(NO_RATES);
  useEffect(() => {
    if (value === undefined || value.tMs === before.current?.tMs) return;
    if (before.current !== undefined) setRates(ratesBetween(before.current, value));
    before.current = value;
  }, [value]);
  const untilMs = isNow ? Number.POSITIVE_INFINITY : (last?.tMs ?? 0);
  const ofRun = useMemo(() => (run === undefined ? NO_RATES : ratesOfRun(run, untilMs)), [run, untilMs]);
  return source.kind === 'run' ? ofRun : live ? rates : NO_RATES;
}
