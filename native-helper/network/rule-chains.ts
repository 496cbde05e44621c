// SPDX-License-Identifier: MIT
import { asFields, text, type Fields } from './nft-json.ts';

export interface Rule {
  readonly handle: number;
  readonly expressions: readonly unknown[];
}

/** A chain of rules, of nft or of iptables' old tables (family `legacy`). */
export interface Chain {
  readonly family: string;
  readonly table: string;
  readonly name: string;
  /** Of a base chain alone, as its type and policy. */
  readonly hook?: string | undefined;
  readonly type?: string | undefined;
  readonly policy?: string | undefined;
  /** What a chain at `ingress` or `egress` is bound to. */
  readonly devices: readonly string[];
  readonly rules: Rule[];
}

/** As {@link chainsOf} keys them. */
export function keyOf({ family, table, name }: Pick<Chain, 'family' | 'table' | 'name'>): string {
  return `${family} ${table} ${name}`;
}

/**
 * The chains of `nft --json --terse list ruleset` (libnftables-json(5)), bound to the devices that `nft list chains`
 * names: the JSON of Debian 12's nft leaves them out. Throws on output that is not nft's JSON.
 */
export function chainsOf(json: string, listed: string): Map<string, Chain> {
  const { nftables } = JSON.parse(json) as { nftables: unknown };
  if (!Array.isArray(nftables)) throw new TypeError('nft gave no ruleset');
  const bound = devicesOf(listed);
  const chains = new Map<string, Chain>();
  for (const each of nftables.map(asFields)) {
    if (each['chain'] !== undefined) {
      const chain = readChain(asFields(each['chain']), bound);
      chains.set(keyOf(chain), chain);
    }
    if (each['rule'] !== undefined) addRule(chains, asFields(each['rule']));
  }
  return chains;
}

/** `type filter hook ingress device "eth0" priority filter;` or `devices = { eth0, eth1 }`, by the chain's key. */
function devicesOf(listed: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  let [table, chain] = ['', ''];
  for (const line of listed.split('\n')) {
    table = /^table (\S+ \S+) \{/.exec(line)?.[1] ?? table;
    chain = /^\tchain (\S+) \{/.exec(line)?.[1] ?? chain;
    const devices = /^\t\ttype \w+ hook \w+ device(?:s = \{([^}]*)\}| "([^"]*)")/.exec(line);
    if (devices)
      found.set(
        `${table} ${chain}`,
        (devices[1] ?? devices[2] ?? '').split(',').map((name) => name.trim()),
      );
  }
  return found;
}

function readChain(fields: Fields, bound: ReadonlyMap<string, readonly string[]>): Chain {
  const optional = (key: string): string | undefined => (fields[key] === undefined ? undefined : text(fields[key]));
  const place = { family: text(fields['family']), table: text(fields['table']), name: text(fields['name']) };
  return {
    ...place,
    hook: optional('hook'),
    type: optional('type'),
    policy: optional('policy'),
    devices: bound.get(keyOf(place)) ?? [],
    rules: [],
  };
}

function addRule(chains: ReadonlyMap<string, Chain>, fields: Fields): void {
  const chain = chains.get(
    keyOf({ family: text(fields['family']), table: text(fields['table']), name: text(fields['chain']) }),
  );
  const expressions = fields['expr'];
  chain?.rules.push({ handle: Number(fields['handle']), expressions: Array.isArray(expressions) ? expressions : [] });
}
