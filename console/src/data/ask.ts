import { sessionHasEnded } from './session-end.ts';

/** Status of an answer that says: what is up here does not do that, or not yet. */
export const NOT_HERE = 503;

/** What the API answers when it refuses: ProblemDetails, with what to do next. */
export class Refused extends Error {
  readonly status: number;
  readonly hint: string;

  constructor(status: number, reason: string, hint: string) {
    super(reason);
    this.status = status;
    this.hint = hint;
  }
}

export interface Asking {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/** Pages of others cannot send it. */
export const OURS = { 'x-muster-console': '1' } as const;

/** Asks the API in the name of whoever this browser's session belongs to. @throws Refused. */
export async function ask<T>(path: string, { method = 'GET', body, signal }: Asking = {}): Promise<T> {
  const text = await answered(path, {
    method,
    headers: {
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  });
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

/** The same for a text, such as a descriptor. @throws Refused. */
export function askText(path: string, signal?: AbortSignal): Promise<string> {
  return answered(path, signal === undefined ? {} : { signal });
}

/** Sends files as a form. @throws Refused. */
export async function sendFiles<T>(path: string, files: readonly NamedFile[]): Promise<T> {
  const form = new FormData();
  for (const { name, file } of files) form.append('files', file, name);
  return JSON.parse(await answered(path, { method: 'POST', body: form })) as T;
}

/** A file of this browser's machine; within a folder, the name begins with that of the folder. */
export interface NamedFile {
  readonly name: string;
  readonly file: File;
}

async function answered(path: string, request: RequestInit & { headers?: Record<string, string> }) {
  const headers = { ...OURS, ...request.headers };
  const answer = await fetch(path, { ...request, headers }).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new Refused(0, 'Muster does not answer', 'Is it up? muster status tells; muster up starts it.');
  });
  const text = await answer.text();
  if (answer.ok) return text;
  if (answer.status === 401) sessionHasEnded();
  throw refusalOf(answer.status, text);
}

function refusalOf(status: number, text: string): Refused {
  try {
    const { reason, detail, hint } = JSON.parse(text) as {
      readonly reason?: string;
      readonly detail?: string;
      readonly hint?: string;
    };
    return new Refused(status, reason ?? detail ?? `it answers ${status}`, hint ?? '');
  } catch {
    return new Refused(status, `it answers ${status}`, '');
  }
}
