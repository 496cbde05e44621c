// SPDX-License-Identifier: MIT
import { lookup, type LookupAddress, type LookupOptions } from 'node:dns';
import { lookup as lookUpAll } from 'node:dns/promises';
import http from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { sentence } from '#messages/sentence.ts';
import { FetchError, type FetchRequest } from './fetch-request.ts';
import { isReachable } from './reachable.ts';

type Reach = NonNullable<FetchRequest['reach']>;
type Way = Pick<https.RequestOptions, 'agent' | 'lookup'>;

/**
 * How a user's URL is asked: the very addresses that were judged are connected to, so that a name which means another
 * address a moment later leads nowhere else. A proxy looks up the name itself; what this computer knows of it is judged
 * all the same.
 * @throws FetchError refused
 */
export async function wayTo(url: URL, reach: Reach): Promise<Way> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0) requireReachable(host, [host], reach);
  const proxy = reach.usesProxy ? proxyFor(url) : undefined;
  if (proxy === undefined) return { agent: agentFor(url), lookup: judgedLookup(reach) };
  const known = await lookUpAll(host, { all: true }).catch(() => []); // behind a proxy there may be no names
  requireReachable(
    host,
    known.map(({ address }) => address),
    reach,
  );
  return { agent: agentFor(url, proxy) };
}

function requireReachable(host: string, addresses: readonly string[], { networks }: Reach): void {
  const hidden = addresses.find((address) => !isReachable(address, networks));
  if (hidden === undefined) return;
  throw new FetchError(
    'refused',
    hidden === host
      ? sentence('fetch.no-public-address', { host })
      : sentence('fetch.leads-to-no-public-address', { host, address: hidden }),
  );
}

function judgedLookup(reach: Reach): LookupFunction {
  return (
    host: string,
    options: LookupOptions,
    done: (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void,
  ) => {
    lookup(host, { ...options, all: true }, (error, addresses) => {
      if (error) return done(error, []);
      try {
        requireReachable(
          host,
          addresses.map(({ address }) => address),
          reach,
        );
      } catch (refusal) {
        return done(refusal as Error, []);
      }
      const [first] = addresses;
      if (options.all === true) done(null, addresses);
      else done(null, first?.address ?? '', first?.family ?? 0);
    });
  };
}

/** An agent of its own knows of no proxy but the one it is given (NODE_USE_ENV_PROXY is for the global one). */
function agentFor(url: URL, proxy?: string): http.Agent {
  const options = proxy === undefined ? {} : { proxyEnv: { HTTP_PROXY: proxy, HTTPS_PROXY: proxy } };
  return url.protocol === 'https:' ? new https.Agent(options) : new http.Agent(options);
}

function proxyFor({ protocol, hostname, host }: URL): string | undefined {
  const { HTTPS_PROXY, HTTP_PROXY, NO_PROXY = '' } = process.env;
  const excepted = NO_PROXY.split(/[\s,]+/)
    .filter((each) => each !== '')
    .map((each) => each.toLowerCase());
  const isExcepted = excepted.some(
    (each) =>
      each === '*' ||
      each === hostname ||
      each === host ||
      (/^\*?\./.test(each) && hostname.endsWith(each.replace(/^\*/, ''))),
  );
  return isExcepted ? undefined : protocol === 'https:' ? HTTPS_PROXY : HTTP_PROXY;
}
