/** The nonce of a request. */
export const NONCE = 'muster-nonce';
/** Stamps of the request so far. */
export const STAMPS = 'muster-stamps';
/** In a reply: the stamps that its request had when it arrived. */
export const REQUEST_STAMPS = 'muster-request-stamps';
/** In a reply: its own stamps so far; the server stamps first. */
export const REPLY_STAMPS = 'muster-reply-stamps';
