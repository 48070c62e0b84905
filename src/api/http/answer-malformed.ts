import type { Socket } from 'node:net';
import { problemDetails } from './http-problem.ts';

const STATUS: Readonly<Record<string, readonly [status: number, phrase: string, reason: string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout', 'the request took too long to come in'],
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large', 'the headers are too large'],
};

/** Answers what is no HTTP request at all, before there is anything to route. */
export function answerMalformed(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, phrase, reason] = STATUS[error.code ?? ''] ?? [
    400,
    'Bad Request',
    'this is no HTTP request',
  ];
  const body = JSON.stringify(problemDetails({ status, reason, hint: 'send it again as HTTP/1.1' }));
  socket.end(
    `HTTP/1.1 ${status} ${phrase}\r\nconnection: close\r\ncontent-type: application/problem+json\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
