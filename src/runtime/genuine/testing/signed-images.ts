import type { KeyObject } from 'node:crypto';
import { generateKeyPairSync } from 'node:crypto';
import type { ImageManifest } from '../../../protocol/image.ts';
import { verifyImage } from '../../image/verify-image.ts';
import { imageText, wrapImage } from '../../image/wrap-image.ts';
import type { AgentImage } from '../agent-image.ts';

/** An image with the text of its file, which is nowhere. */
export type SignedImage = AgentImage & { readonly text: string };

/** Makes images of an operator; what they hold does nothing. */
export function signedImages(privateKey: KeyObject = generateKeyPairSync('ed25519').privateKey) {
  return (version: number, about: Partial<Pick<ImageManifest, 'agent' | 'runtime'>> = {}): SignedImage => {
    const manifest = {
      agent: 'agent',
      version,
      runtime: 'node' as const,
      capabilities: [],
      policy: {
        runtimeCode: 'v8' as const,
        maxRuntimeCodeBytes: 1,
        maxThreads: 1,
        descriptors: 'given-only' as const,
        sockets: 'given-only' as const,
      },
      ...about,
    };
    const text = imageText(wrapImage(Buffer.from('nothing'), manifest, privateKey));
    const verified = verifyImage(text);
    return { file: `/nowhere/${version}`, operatorKey: verified.publicKey, verified, text };
  };
}
