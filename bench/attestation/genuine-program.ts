import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { createGuardSource } from '../../src/adapters/evidence-guard/guard-source.ts';
import { argvOf } from '../../src/adapters/evidence-guard/spawn-agent.ts';
import { agentKeyOf } from '../../src/adapters/keys/hashing.ts';
import type { AgentHandle, EvidenceSource } from '../../src/ports/evidence-source.ts';
import type { FromAgent } from '../../src/protocol/agent-control.ts';
import { FromAgentSchema } from '../../src/protocol/agent-control.ts';
import type { ImageManifest } from '../../src/protocol/image.ts';
import type { SpawnOrder } from '../../src/protocol/site-control.ts';
import { ownImage } from '../../src/runtime/genuine/agent-image.ts';
import { agentSpecOf } from '../../src/runtime/guard/expected.ts';
import { imageDigest } from '../../src/runtime/image/wrap-image.ts';

/** A user of the agents that are started here, beside those of a pipeline. */
const FIRST_UID = 62_000;

/** One process of the real agent program under a real guard's source, without a pipeline around it. */
export interface GenuineAgent {
  readonly order: SpawnOrder;
  readonly manifest: ImageManifest;
  readonly handle: AgentHandle;
  readonly hello: Extract<FromAgent, { kind: 'hello' }>;
  readonly argv: readonly string[];
  readonly bundleSha256: string;
}

export interface GenuineAgents {
  readonly source: EvidenceSource;
  start(): Promise<GenuineAgent>;
  close(): Promise<void>;
}

export async function genuineAgents(directory: string): Promise<GenuineAgents> {
  const image = await ownImage(directory);
  const { manifest } = image.verified;
  const source = await createGuardSource();
  // Stands for the site daemon: takes connections and says nothing.
  const sockets = new Set<Socket>();
  const daemon = createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
  });
  const path = join(directory, 'daemon.sock');
  daemon.listen(path);
  await once(daemon, 'listening');
  let count = 0;
  return {
    source,
    start: async () => {
      const index = count++;
      const name = `bench-${index}`;
      const order: SpawnOrder = {
        name: name as SpawnOrder['name'],
        key: agentKeyOf(name),
        incarnation: 1,
        image: image.file,
        imageDigest: `0x${imageDigest(manifest)}`,
        version: manifest.version,
        config: '{}',
        salt: randomBytes(32).toString('hex'),
        ...(process.getuid?.() === 0 ? { uid: FIRST_UID + (index % 1000) } : {}),
      };
      const socket = connect(path);
      await once(socket, 'connect');
      socket.pause();
      const spec = { ...agentSpecOf(order, image.verified, () => ''), given: [socket] };
      let hello: GenuineAgent['hello'] | undefined;
      const handle = await source.start(spec, (line) => {
        const said = FromAgentSchema.safeParse(line).data;
        if (said?.kind === 'hello') hello = said;
      });
      socket.destroy();
      if (hello === undefined) throw new Error('its first line is its hello');
      const { bundleSha256 } = manifest;
      return { order, manifest, handle, hello, argv: argvOf(spec), bundleSha256 };
    },
    close: async () => {
      await source.close();
      for (const socket of sockets) socket.destroy();
      daemon.close();
    },
  };
}
