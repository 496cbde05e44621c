// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';
import type { NetworkEnvironment } from './proxies.ts';

const proxyNames = ['https_proxy', 'http_proxy', 'all_proxy'];

/**
 * The proxy of this computer: what the helper's own environment says, else /etc/environment, where
 * installers and administrators write it for every session and which systemd does not read for services
 * (pam_env(8)). Nothing where there is none.
 */
export async function systemProxy(
  file = '/etc/environment',
  own: NodeJS.ProcessEnv = process.env,
): Promise<NetworkEnvironment> {
  if (lookUp(Object.entries(own), proxyNames) !== undefined) return {}; // whoever is started takes it over
  // not there, or not for us: no proxy is known
  const entries = parseEnvironment(await readFile(file, 'utf8').catch(() => ''));
  const proxy = lookUp(entries, proxyNames);
  const noProxy = lookUp(entries, ['no_proxy']);
  return proxy === undefined ? {} : { proxy, ...(noProxy === undefined ? {} : { noProxy }) };
}

/** Lines as pam_env(8) reads them: `NAME=value`, maybe after `export`, maybe in quotes, a comment after `#`. */
function parseEnvironment(text: string): readonly (readonly [name: string, value: string])[] {
  return text.split('\n').flatMap((line) => {
    const [, name, quoted, double, bare] = /^\s*(?:export\s+)?(\w+)=(?:'([^']*)'|"([^"]*)"|([^\s#]*))/.exec(line) ?? [];
    return name === undefined ? [] : [[name, quoted ?? double ?? bare ?? ''] as const];
  });
}

/** By the first name that has a value, in small letters or capitals. */
function lookUp(
  entries: readonly (readonly [name: string, value: string | undefined])[],
  names: readonly string[],
): string | undefined {
  return names
    .map(
      (wanted) =>
        entries.find(([name, value]) => name.toLowerCase() === wanted && value !== undefined && value !== '')?.[1],
    )
    .find((value) => value !== undefined);
}
