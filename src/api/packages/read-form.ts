import type { Readable } from 'node:stream';
import { type DroppedFile, MOST_DROPPED } from '../../runtime/services/dropped-files.ts';
import type { RawCall } from '../http/endpoint.ts';
import { HttpProblem } from '../http/http-problem.ts';

/** The files of a form (multipart/form-data), not past the limits of a package. @throws HttpProblem 400, 413, 415. */
export async function readForm({ upload, headers }: RawCall): Promise<readonly DroppedFile[]> {
  const type = headers['content-type'] ?? '';
  if (upload === undefined || !/^multipart\/form-data\s*;/i.test(type)) {
    throw new HttpProblem({
      status: 415,
      reason: 'files are taken as multipart/form-data here',
      hint: 'curl -F files=@package.tar.gz -F files=@shop.yaml',
      headers: { connection: 'close' },
    });
  }
  const bytes = await readAll(upload);
  const form = await new Response(bytes, { headers: { 'content-type': type } }).formData().catch(() => {
    throw new HttpProblem({
      status: 400,
      reason: 'the form cannot be read',
      hint: 'curl -F files=@package.tar.gz builds one',
    });
  });
  const files: DroppedFile[] = [];
  for (const value of form.values()) {
    if (typeof value === 'string') continue;
    files.push({ name: nameOf(value.name), bytes: new Uint8Array(await value.arrayBuffer()) });
  }
  if (files.length === 0 || files.length > MOST_DROPPED.files) {
    throw new HttpProblem({
      status: 400,
      reason: files.length === 0 ? 'the form has no files' : `more than ${MOST_DROPPED.files} files`,
      hint: 'send a package, or a service file',
    });
  }
  return files;
}

async function readAll(upload: Readable): Promise<Buffer<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  // Left as it is when this ends early: a stream that is ended takes the connection with it, and the sender would not hear why.
  for await (const chunk of upload.iterator({ destroyOnReturn: false })) {
    if (!(chunk instanceof Uint8Array)) throw new TypeError('a form that is no bytes');
    length += chunk.length;
    if (length > MOST_DROPPED.bytes) {
      throw new HttpProblem({
        status: 413,
        reason: `the files are larger than ${MOST_DROPPED.bytes} bytes`,
        hint: 'leave large files out; docs/packages.md has all limits',
        headers: { connection: 'close' },
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** A sender's name for a file: of no more than names have, without a way out; what is left of it tells folders. */
function nameOf(name: string): string {
  const plain = name
    .replaceAll('\\', '/')
    .replaceAll(/[\p{Cc}\p{Cf}]/gu, '·')
    .replace(/^(\.{0,2}\/)+/, '')
    .slice(0, 300);
  return plain === '' ? 'file' : plain;
}
