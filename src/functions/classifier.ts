import { z } from 'zod';
import type { Classification } from '../core/traffic/classifier.ts';
import { classifySource } from '../core/traffic/classifier.ts';
import { emptySources, featuresOf, observeSources } from '../core/traffic/source-features.ts';
import { ipv4 } from '../protocol/ids.ts';
import { repeat } from './anomaly-detector.ts';
import { nft } from './call-tool.ts';
import type { FunctionProgram } from './function-program.ts';
import { serveMetrics } from './metrics-server.ts';
import { port, readParameters, readUnitParameters, truth, whole } from './parameters.ts';
import { installHandshakeCounters, readHandshakeCounters } from './traffic/handshake-counters.ts';

const SOURCE = { source: z.ipv4() };

/**
 * Forwards, tells at `/metrics` and in its log which sources take part in a SYN flood, and with `block` drops what they send for `block-s`
 * seconds. Never for ever: an address may have been borrowed.
 */
export const classifier: FunctionProgram = async ({ parameters }) => {
  const given = readUnitParameters(parameters, {
    'metrics-port': port(9100),
    'period-ms': whole(50, 5000, 250),
    block: truth,
    'block-s': whole(1, 3600, 60),
  });
  await installHandshakeCounters('source');
  const block = (source: string) =>
    nft(
      `add element ip muster_handshakes blocked { ${source} }\ndelete element ip muster_handshakes blocked { ${source} }\nadd element ip muster_handshakes blocked { ${source} timeout ${given['block-s']}s }\n`,
    );
  let history = emptySources;
  const judged = new Map<string, Classification>();
  let trouble: string | undefined;
  const look = async () => {
    const counted = await readHandshakeCounters();
    const entries = counted.map(({ address, bytes, packets, syns, synAcks, confirmed }) => ({
      source: ipv4(address),
      bytes,
      packets,
      syns,
      synAcks,
      confirmed,
      halfOpen: 0,
    }));
    history = observeSources(history, entries, Math.round(performance.now()));
    const before = new Map(judged);
    judged.clear();
    for (const sample of featuresOf(history)) {
      const found = classifySource(sample);
      judged.set(sample.source, found);
      if (found.verdict !== 'malicious') continue;
      if (before.get(sample.source)?.verdict !== 'malicious')
        process.stdout.write(`${sample.source}: ${found.reason}\n`);
      if (given.block) await block(sample.source);
    }
  };
  const stopLooking = repeat(look, given['period-ms'], (why) => {
    trouble = why;
  });
  const stopMetrics = await serveMetrics(given['metrics-port'], () => [
    {
      name: 'muster_classifier_score',
      help: 'How much a source looks like taking part in a flood, 0 to 1.',
      type: 'gauge',
      values: [...judged].map(([source, { score }]) => ({
        labels: { source },
        value: Number(score.toFixed(3)),
      })),
    },
  ]);
  return {
    health: () => trouble,
    stop: async () => {
      stopLooking();
      await stopMetrics();
    },
    primitives: {
      block: async (asked) => {
        const { source } = readParameters(asked, SOURCE);
        await block(source);
        return `${source} for ${given['block-s']} s`;
      },
      unblock: async (asked) => {
        const { source } = readParameters(asked, SOURCE);
        await nft(
          `add element ip muster_handshakes blocked { ${source} }\ndelete element ip muster_handshakes blocked { ${source} }\n`,
        );
        return source;
      },
    },
  };
};
