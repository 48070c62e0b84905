import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** A daemon that was killed is back long before. */
const WITHIN_MS = 5000;
const AGAIN_MS = 50;

/**
 * A connection to the site daemon, to be handed to an agent. Guard and daemon are started beside one another, and each again when it ends: who comes
 * first waits. Throws what the last attempt failed with.
 */
export async function connectDaemon(path: string): Promise<Socket> {
  const untilMs = performance.now() + WITHIN_MS;
  for (;;) {
    try {
      return await connectOnce(path);
    } catch (error) {
      if (performance.now() > untilMs) throw error;
      await pause(AGAIN_MS);
    }
  }
}

function connectOnce(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      // What the daemon says first is for the agent to read.
      socket.pause();
      resolve(socket);
    });
  });
}
