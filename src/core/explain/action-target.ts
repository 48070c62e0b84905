import type { EntryOf } from './journal-index.ts';

/** A text in what an action carries; undefined when it is absent, empty or not a text. */
export function textIn(detail: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = detail[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The link, address or rule that an action is about, from the command's own fields where it has them. */
export function actionTarget(
  entry: Pick<EntryOf<'action'>, 'action' | 'target' | 'rule' | 'detail'>,
): string {
  const { action, detail, target, rule } = entry;
  switch (action) {
    case 'block-source':
      return textIn(detail, 'source') ?? target;
    case 'limit-target':
      return textIn(detail, 'target') ?? target;
    case 'limit-flow': {
      const from = textIn(detail, 'source');
      const to = textIn(detail, 'target');
      return from === undefined || to === undefined ? target : `${from} to ${to}`;
    }
    case 'limit-link':
    case 'confirm-sources':
      return textIn(detail, 'link') ?? target;
    case 'remove-rule':
      return rule ?? textIn(detail, 'rule') ?? target;
    case 'adopt-rules':
      return textIn(detail, 'fromAward') ?? target;
    default:
      return target;
  }
}
