import { type LookupAddress, lookup } from 'node:dns';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { BlockList } from 'node:net';
import type { Ask } from './callback.ts';

/** How long a subscriber may take to answer. */
const WITHIN_MS = 5000;

/** Where a name must not lead: to this machine itself, to its link, to nobody in particular. RFC 6890. */
const INWARD = new BlockList();
INWARD.addSubnet('0.0.0.0', 8, 'ipv4');
INWARD.addSubnet('127.0.0.0', 8, 'ipv4');
INWARD.addSubnet('169.254.0.0', 16, 'ipv4');
INWARD.addSubnet('224.0.0.0', 3, 'ipv4');
INWARD.addSubnet('::', 127, 'ipv6');
INWARD.addSubnet('fe80::', 10, 'ipv6');
INWARD.addSubnet('ff00::', 8, 'ipv6');

/** Whether an address is of this machine, of its link, or of nobody in particular. */
export function isInward(address: string, family: number): boolean {
  // `::ffff:127.0.0.1` is looked at as the IPv4 address that it is.
  return INWARD.check(address, family === 6 ? 'ipv6' : 'ipv4');
}

type Resolve = (
  name: string,
  options: { readonly all: true; readonly family: number },
  done: (error: Error | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * Looks a name up and leaves out addresses that it must not lead to: whoever answers for a name on the allow-list could otherwise have
 * this machine talk to itself, or to the metadata service of its cloud. Addresses that are on the allow-list as such are not looked up.
 */
export function outwardLookup(resolve: Resolve = lookup): LookupFunction {
  return (name, options, done) => {
    const family =
      options.family === 6 || options.family === 'IPv6'
        ? 6
        : options.family === 4 || options.family === 'IPv4'
          ? 4
          : 0;
    resolve(name, { all: true, family }, (error, addresses) => {
      // Its operator has named this machine.
      const own = name === 'localhost';
      const outward = (addresses ?? []).filter((each) => own || !isInward(each.address, each.family));
      const [first] = outward;
      if (error !== null || first === undefined) {
        done(error ?? new Error(`${name} leads to this machine or its link`), '');
        return;
      }
      if (options.all === true) done(null, outward);
      else done(null, first.address, first.family);
    });
  };
}

/** Asks without following it elsewhere: only the host that was named is on the allow-list. What is answered beside the status is not read. */
export function createAskOverHttp(resolve?: Resolve): Ask {
  const guarded = outwardLookup(resolve);
  return (uri, body) =>
    new Promise((settle, reject) => {
      const url = new URL(uri);
      const text = body === undefined ? undefined : JSON.stringify(body);
      const ask = url.protocol === 'https:' ? httpsRequest : httpRequest;
      const request = ask(url, {
        method: text === undefined ? 'GET' : 'POST',
        headers:
          text === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) },
        lookup: guarded,
        // A connection that is kept could outlive the allow-list.
        agent: false,
        signal: AbortSignal.timeout(WITHIN_MS),
      });
      request.once('response', (answer) => {
        settle(answer.statusCode ?? 0);
        answer.destroy();
      });
      request.once('error', reject);
      // Behind the answer there may be one more, when it is cut off.
      request.on('error', () => {});
      request.end(text);
    });
}

export const askOverHttp: Ask = createAskOverHttp();
