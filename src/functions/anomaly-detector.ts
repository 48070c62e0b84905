import type { Judgement } from '../core/traffic/anomaly.ts';
import { emptyDestinations, judgeDestinations, observeDestinations } from '../core/traffic/anomaly.ts';
import { ipv4 } from '../protocol/ids.ts';
import type { FunctionProgram } from './function-program.ts';
import { serveMetrics } from './metrics-server.ts';
import { port, readUnitParameters, whole } from './parameters.ts';
import { installHandshakeCounters, readHandshakeCounters } from './traffic/handshake-counters.ts';

/** Forwards, and tells at `/metrics` and in its log which destination behind it is under a SYN flood. */
export const anomalyDetector: FunctionProgram = async ({ parameters }) => {
  const given = readUnitParameters(parameters, {
    'metrics-port': port(9100),
    'period-ms': whole(50, 5000, 250),
  });
  await installHandshakeCounters('destination');
  let history = emptyDestinations;
  let judged: readonly Judgement[] = [];
  let trouble: string | undefined;
  const look = async () => {
    const counted = await readHandshakeCounters();
    const entries = counted.map(({ address, bytes, packets, syns, synAcks, confirmed }) => ({
      target: ipv4(address),
      bytes,
      packets,
      syns,
      synAcks,
      confirmed,
      // Seen in passing: what the server holds open is not known here.
      halfOpen: 0,
      cookies: 0,
    }));
    history = observeDestinations(history, entries, Math.round(performance.now()));
    const before = new Map(judged.map(({ target, verdict }) => [target, verdict]));
    judged = judgeDestinations(history);
    for (const { target, verdict, reason } of judged) {
      if ((verdict === 'attack') !== (before.get(target) === 'attack') && verdict !== 'undecided')
        process.stdout.write(`${verdict}: ${reason}\n`);
    }
  };
  const stopLooking = repeat(look, given['period-ms'], (why) => {
    trouble = why;
  });
  const stopMetrics = await serveMetrics(given['metrics-port'], () => [
    {
      name: 'muster_anomaly_score',
      help: 'How much a destination looks like being under a flood, 0 to 1.',
      type: 'gauge',
      values: judged.map(({ target, score }) => ({ labels: { target }, value: Number(score.toFixed(3)) })),
    },
    {
      name: 'muster_anomaly_attack',
      help: '1 while a destination is judged to be under a flood.',
      type: 'gauge',
      values: judged.map(({ target, verdict }) => ({
        labels: { target },
        value: verdict === 'attack' ? 1 : 0,
      })),
    },
  ]);
  return {
    health: () => trouble,
    stop: async () => {
      stopLooking();
      await stopMetrics();
    },
  };
};

/** Does something again and again, a period after it was done; tells what went wrong, and that it no longer does. */
export function repeat(
  work: () => Promise<void>,
  periodMs: number,
  tell: (trouble: string | undefined) => void,
): () => void {
  let timer: ReturnType<typeof setTimeout>;
  let on = true;
  const turn = () => {
    work().then(
      () => done(undefined),
      (error: unknown) => done(error instanceof Error ? error.message : String(error)),
    );
  };
  const done = (trouble: string | undefined) => {
    tell(trouble);
    if (on) timer = setTimeout(turn, periodMs);
  };
  timer = setTimeout(turn, 0);
  return () => {
    on = false;
    clearTimeout(timer);
  };
}
