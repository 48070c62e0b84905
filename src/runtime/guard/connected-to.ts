import type { Socket } from 'node:net';
import { connect } from 'node:net';

/** A connection that is not read from here: whoever gets it reads it. Throws when nobody listens there. */
export async function connectedTo(path: string): Promise<Socket> {
  const socket = connect(path);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  socket.pause();
  return socket;
}
