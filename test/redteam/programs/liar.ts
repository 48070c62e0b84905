// Goes into a copy of the product, beside its agent process: an agent that decides and logs as its program does, and does something else.
interface Placing {
  readonly kind: string;
  readonly memoryGb?: unknown;
}

let [command, frame] = [false, false];
process.on('SIGUSR2', () => {
  command = true;
});
process.on('SIGWINCH', () => {
  frame = true;
});

/** Once told to: the next function is placed with twice the memory that was decided on. */
export function commanded<W extends { readonly kind: string }>(what: W & { readonly action?: Placing }): W {
  const { action } = what;
  if (!command || action?.kind !== 'place-function' || typeof action.memoryGb !== 'number') return what;
  command = false;
  return { ...what, action: { ...action, memoryGb: 2 * action.memoryGb } };
}

/** Once told to: one more message after the next, which nobody has decided to send. */
export function oneMore<M extends { readonly messageId: string }>(message: M): M | undefined {
  if (!frame) return undefined;
  frame = false;
  return { ...message, messageId: `${message.messageId}000` };
}
