/** What a node answers instead of a result: passed on as it is. */
export class RpcError extends Error {
  override readonly name = 'RpcError';
  readonly code: number;
  readonly data: unknown;
  constructor(code: number, message: string, data?: unknown) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

/** JSON-RPC 2.0 and the usual numbers of Ethereum nodes; the last two are ours. */
export const RPC = {
  parse: -32700,
  invalidRequest: -32600,
  notAllowed: -32601,
  params: -32602,
  failed: -32000,
  limit: -32005,
  /** The journal cannot be written: the transaction was not taken. */
  notDurable: -32010,
  /** The node is starting again: ask once more. */
  away: -32011,
} as const;
