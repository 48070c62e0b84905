import type { Told } from './service-words.ts';
import { toldInWords } from './service-words.ts';

export function ToldBadge({ told }: { readonly told: Told }) {
  return <span className={`badge ${told.kind}`}>{toldInWords(told)}</span>;
}
