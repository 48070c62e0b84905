import { z } from 'zod';
import { isChainAnswer } from '../../protocol/is-chain-answer.ts';
import type { ChainAnswer, ChainCfp, SiteDigest } from '../../protocol/placement.ts';
import { ChainCfpSchema, SiteDigestSchema } from '../../protocol/placement.ts';
import { parseOnce } from './parse-once.ts';

/** What a site tells of its book goes on from hand to hand as one object: read once in a process. */
const readDigest = parseOnce(SiteDigestSchema);
const readTasks = parseOnce(ChainCfpSchema.shape.tasks);
const readFrame = parseOnce(
  ChainCfpSchema.extend({
    tasks: z.array(z.unknown()),
    news: z.array(z.unknown()).max(1000),
  }),
);

const cfps = new WeakMap<object, ChainCfp>();

/** A cfp's content, as `ChainCfpSchema` reads it: what is put up, and each piece of news, once in a process, not with each message. */
export function readCfp(content: unknown): ChainCfp | undefined {
  if (typeof content !== 'object' || content === null || !('tasks' in content)) return undefined;
  const known = cfps.get(content);
  if (known !== undefined) return known;
  const frame = readFrame(content);
  const tasks = readTasks(content.tasks);
  if (frame === undefined || tasks === undefined) return undefined;
  const news: SiteDigest[] = [];
  for (const each of frame.news) {
    const digest = readDigest(each);
    if (digest === undefined) return undefined;
    news.push(digest);
  }
  const cfp = { ...frame, tasks, news };
  cfps.set(content, cfp);
  return cfp;
}

const isDigest = (value: unknown): value is SiteDigest => readDigest(value) !== undefined;

/** The content of a propose or a refuse, as `ChainAnswerSchema` reads it. */
export function readAnswer(content: unknown): ChainAnswer | undefined {
  return isChainAnswer(content, isDigest) ? content : undefined;
}
