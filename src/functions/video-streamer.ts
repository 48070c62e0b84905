import { createServer } from 'node:http';
import type { FunctionProgram } from './function-program.ts';
import { port, readUnitParameters, whole } from './parameters.ts';

/** Bytes of an MPEG transport stream's packet; one without content has the number 0x1fff. */
const TS_PACKET = 188;
const NULL_PACKET = Buffer.concat([Buffer.from([0x47, 0x1f, 0xff, 0x10]), Buffer.alloc(TS_PACKET - 4, 0xff)]);
/** Segments that a playlist names. */
const WINDOW = 5;

/**
 * A live stream as HLS players ask for it: `/live.m3u8` names the last segments, each `segment-s` long and of `kbit` a second. What is in them
 * is an empty transport stream, for there is no camera; the traffic is that of a real one.
 */
export const videoStreamer: FunctionProgram = async ({ parameters }) => {
  const given = readUnitParameters(parameters, {
    port: port(80),
    kbit: whole(8, 100_000, 1500),
    'segment-s': whole(1, 60, 2),
  });
  const seconds = given['segment-s'];
  const packets = Math.max(1, Math.round((given.kbit * 1000 * seconds) / 8 / TS_PACKET));
  const segment = Buffer.alloc(packets * TS_PACKET);
  for (let at = 0; at < segment.length; at += TS_PACKET) NULL_PACKET.copy(segment, at);
  const startedAt = Date.now();
  const newest = () => Math.floor((Date.now() - startedAt) / 1000 / seconds);
  const server = createServer((incoming, outgoing) => {
    incoming.resume();
    const path = incoming.url?.split('?')[0] ?? '';
    if (path === '/live.m3u8') {
      outgoing.writeHead(200, {
        'content-type': 'application/vnd.apple.mpegurl',
        'cache-control': 'no-store',
      });
      outgoing.end(playlist(newest(), seconds));
      return;
    }
    const number = /^\/segment-(\d{1,9})\.ts$/.exec(path)?.[1];
    const isThere =
      number !== undefined && Number(number) <= newest() && Number(number) > newest() - 2 * WINDOW;
    if (!isThere) {
      outgoing.writeHead(404).end();
      return;
    }
    outgoing.writeHead(200, { 'content-type': 'video/mp2t', 'content-length': segment.length });
    outgoing.end(segment);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(given.port, resolve);
  });
  return {
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

function playlist(newest: number, seconds: number): string {
  const first = Math.max(0, newest - WINDOW + 1);
  const entries = Array.from({ length: newest - first + 1 }, (_, index) => first + index);
  return [
    '#EXTM3U',
    '#EXT-X-VERSION:3',
    `#EXT-X-TARGETDURATION:${seconds}`,
    `#EXT-X-MEDIA-SEQUENCE:${first}`,
    ...entries.flatMap((number) => [`#EXTINF:${seconds}.0,`, `segment-${number}.ts`]),
    '',
  ].join('\n');
}
