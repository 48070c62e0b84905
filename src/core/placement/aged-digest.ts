import type { SiteDigest } from '../../protocol/placement.ts';
import type { Book } from './book.ts';

/**
 * What a site tells of its book: the book as it was `ageMs` ago. 0: as it is. A site that gathers its state at times tells old news; how
 * much that costs can be measured with this.
 */
export class AgedDigest {
  readonly #book: Book;
  readonly #ageMs: number;
  #told: SiteDigest;
  #waiting: { readonly atMs: number; readonly digest: SiteDigest }[] = [];

  constructor(book: Book, ageMs: number) {
    this.#book = book;
    this.#ageMs = ageMs;
    this.#told = book.digest();
  }

  /** To be called whenever the book may have changed, so that the time of the change is known. */
  note(nowMs: number): void {
    const last = this.#waiting[this.#waiting.length - 1]?.digest ?? this.#told;
    if (last.version === this.#book.version) return;
    this.#waiting.push({ atMs: nowMs, digest: this.#book.digest() });
  }

  at(nowMs: number): SiteDigest {
    this.note(nowMs);
    while (this.#waiting[0] !== undefined && this.#waiting[0].atMs + this.#ageMs <= nowMs) {
      this.#told = this.#waiting.shift()?.digest ?? this.#told;
    }
    return this.#told;
  }
}
