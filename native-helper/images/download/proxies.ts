// SPDX-License-Identifier: MIT
import { sentence } from '#messages/say.ts';
import type { Sentence } from '#messages/sentence.ts';
import { TransferFault } from './transfer-fault.ts';

export interface NetworkEnvironment {
  readonly proxy?: string | undefined;
  readonly noProxy?: string | undefined;
  readonly certificates?: string | undefined;
}

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The proxies that a request may go through, for Node's environment. Without a scheme one is an http proxy, as for
 * curl.
 * @throws TransferFault where one is of a kind that is not spoken: Node would not even start
 */
export function proxiesOf(
  { proxy }: NetworkEnvironment,
  own: Variables = process.env,
): { readonly https: string | undefined; readonly http: string | undefined } {
  const all = filled(own.ALL_PROXY, own.all_proxy);
  return {
    https: usable(filled(proxy, own.HTTPS_PROXY, own.https_proxy, all)),
    http: usable(filled(proxy, own.HTTP_PROXY, own.http_proxy, all)),
  };
}

/** A proxy as it may be shown: without its name and password. */
export function shownProxy(network: NetworkEnvironment, own: Variables = process.env): string {
  const text =
    filled(
      network.proxy,
      own.HTTPS_PROXY,
      own.https_proxy,
      own.HTTP_PROXY,
      own.http_proxy,
      own.ALL_PROXY,
      own.all_proxy,
    ) ?? 'of the environment';
  return text.replace(/^(\w+:\/\/)?[^/]*@/, '$1');
}

function usable(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const whole = text.includes('://') ? text : `http://${text}`;
  const url = URL.parse(whole);
  const refuse = (reason: Sentence): TransferFault => new TransferFault({ kind: 'proxy', reason });
  if (url === null || url.hostname === '') throw refuse(sentence('fetch.proxy-address-unreadable'));
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw refuse(sentence('fetch.proxy-kind', { scheme: url.protocol.slice(0, -1) }));
  return whole;
}

/** The first that is not empty. */
function filled(...texts: readonly (string | undefined)[]): string | undefined {
  return texts.find((text) => text !== undefined && text !== '');
}
