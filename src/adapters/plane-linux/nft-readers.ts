import type { ChildProcessByStdio } from 'node:child_process';
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { stopChild } from './child.ts';

const ANSWER_MS = 5000;
const MAX_OUTPUT = 8_000_000;

/** Reads what is counted in namespaces. Where something was read once an nft stays: to start one for each reading costs fifty times as much. */
export interface NftReaders {
  /** What `nft -j list ...` prints there: one JSON document. Bounded in time and size. */
  list(namespace: string, what: string): Promise<string>;
  /** The text of /proc/net/dev there. */
  devices(namespace: string): Promise<string>;
  /** What is being read fails. */
  close(): Promise<void>;
}

export function createNftReaders(): NftReaders {
  const readers = new Map<string, Reader>();
  const readerIn = (namespace: string): Reader => {
    const known = readers.get(namespace);
    if (known?.isGone() === false) return known;
    const reader = new Reader(namespace);
    readers.set(namespace, reader);
    return reader;
  };
  return {
    list: (namespace, what) => readerIn(namespace).list(what),
    devices: (namespace) => readerIn(namespace).devices(),
    close: async () => {
      await Promise.all([...readers.values()].map((each) => each.stop()));
      readers.clear();
    },
  };
}

interface Asked {
  readonly resolve: (text: string) => void;
  readonly reject: (error: Error) => void;
}

/** One interactive nft. It says nothing more than its answers: after an error or a late answer it is of no more use. */
class Reader {
  readonly #namespace: string;
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  /** Once it is in its namespace. */
  readonly #there: Promise<unknown>;
  #before: Promise<unknown> = Promise.resolve();
  #asked: Asked | undefined;
  #gone: Error | undefined;

  constructor(namespace: string) {
    this.#namespace = namespace;
    const tied = ['setpriv', '--pdeathsig', 'KILL', '--', 'nft', '-j', '-i'];
    this.#child = spawn('ip', ['netns', 'exec', namespace, ...tied], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child.once('error', (error) => this.#fail(error.message));
    this.#child.once('exit', () => this.#fail('it has ended'));
    this.#child.stdin.on('error', (error) => this.#fail(error.message));
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => this.#fail(text.trim()));
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.#answer(line));
    this.#there = this.list('tables');
    this.#there.catch(() => {});
  }

  isGone(): boolean {
    return this.#gone !== undefined;
  }

  list(what: string): Promise<string> {
    const mine = this.#before.then(() => this.#ask(`list ${what}`));
    this.#before = mine.catch(() => {});
    return mine;
  }

  async devices(): Promise<string> {
    await this.#there;
    return readFile(`/proc/${this.#child.pid}/net/dev`, 'utf8');
  }

  async stop(): Promise<void> {
    this.#fail('it was stopped');
    await stopChild(this.#child);
  }

  #ask(command: string): Promise<string> {
    return new Promise((resolve, reject) => {
      if (this.#gone !== undefined) {
        reject(this.#gone);
        return;
      }
      const timer = setTimeout(() => this.#fail(`no answer to ${command}`), ANSWER_MS);
      const done = () => clearTimeout(timer);
      this.#asked = {
        resolve: (text) => {
          done();
          resolve(text);
        },
        reject: (error) => {
          done();
          reject(error);
        },
      };
      this.#child.stdin.write(`${command}\n`);
    });
  }

  #answer(line: string): void {
    if (line === '') return;
    if (line.length > MAX_OUTPUT) {
      this.#fail('its answer is too long');
      return;
    }
    const asked = this.#asked;
    this.#asked = undefined;
    asked?.resolve(line);
  }

  #fail(why: string): void {
    if (this.#gone !== undefined) return;
    this.#gone = new Error(`nft in ${this.#namespace}: ${why}`);
    this.#asked?.reject(this.#gone);
    this.#asked = undefined;
    this.#child.kill('SIGKILL');
  }
}
