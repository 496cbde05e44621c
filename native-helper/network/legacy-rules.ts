// SPDX-License-Identifier: MIT
import type { Chain } from './rule-chains.ts';

/** The hook of each chain that the kernel itself calls (iptables(8), TABLES). */
const hooks: Readonly<Record<string, string>> = {
  PREROUTING: 'prerouting',
  INPUT: 'input',
  FORWARD: 'forward',
  OUTPUT: 'output',
  POSTROUTING: 'postrouting',
};

/** Matches that ask for nothing beyond the options that follow them, which are read below. */
const plainMatches: ReadonlySet<string> = new Set(['tcp', 'udp', 'conntrack', 'state', 'comment', 'mac']);

/** Of targets that are no chain: what they do with the packet, in nft's words; the others let it go on. */
const targets: Readonly<Record<string, string>> = {
  ACCEPT: 'accept',
  DROP: 'drop',
  RETURN: 'return',
  REJECT: 'reject',
  QUEUE: 'queue',
  NFQUEUE: 'queue',
  DNAT: 'accept',
  SNAT: 'accept',
  MASQUERADE: 'accept',
  REDIRECT: 'accept',
  NETMAP: 'accept',
  TPROXY: 'accept',
};

/**
 * The chains of what `iptables-legacy-save` prints (iptables-save(8)), as nft's: family `legacy`, a rule's handle its
 * place in the chain, as iptables(8) counts. What a rule asks for and is not known here becomes an expression that may
 * match or not.
 */
export function legacyChains(saved: string): readonly Chain[] {
  const chains = new Map<string, Chain>();
  let table = '';
  for (const line of saved.split('\n')) {
    if (line.startsWith('*')) table = line.slice(1).trim();
    const [, declared, policy] = /^:(\S+) (\S+)/.exec(line) ?? [];
    if (declared !== undefined && policy !== undefined)
      chains.set(`${table} ${declared}`, {
        family: 'legacy',
        table,
        name: declared,
        // of a user's own chain the policy is `-`
        ...(policy === '-'
          ? {}
          : { hook: hooks[declared], type: table === 'nat' ? 'nat' : 'filter', policy: policy.toLowerCase() }),
        devices: [],
        rules: [],
      });
    const [option, name, ...words] = wordsOf(line);
    const chain = option?.text === '-A' && name ? chains.get(`${table} ${name.text}`) : undefined;
    chain?.rules.push({ handle: chain.rules.length + 1, expressions: expressionsOf(words, isChain) });
  }
  return [...chains.values()];

  function isChain(target: string): boolean {
    return chains.has(`${table} ${target}`);
  }
}

interface Word {
  readonly text: string;
  /** Then it is a value, however it begins. */
  readonly isQuoted: boolean;
}

/** Words as a shell would read them: comments stand in quotes, where they are more than letters, digits and dashes. */
function wordsOf(line: string): readonly Word[] {
  return [...line.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(([, quoted, plain = '']) =>
    quoted === undefined
      ? { text: plain, isQuoted: false }
      : { text: quoted.replaceAll(/\\(.)/g, '$1'), isQuoted: true },
  );
}

type Expression = Readonly<Record<string, unknown>>;

interface Option {
  readonly isInverted: boolean;
  readonly name: string;
  readonly value: string;
}

function expressionsOf(words: readonly Word[], isChain: (name: string) => boolean): readonly Expression[] {
  const options = optionsOf(words);
  // what stands behind a target is the target's own
  const target = options.findIndex(({ name }) => name === '-j' || name === '-g');
  const asked = (target === -1 ? options : options.slice(0, target)).flatMap(optionOf);
  return [...asked, ...(options[target] ? verdict(options[target], isChain) : [])];
}

/** Options with one value each, which may look like an option itself: `--comment -j`. */
const valued: ReadonlySet<string> = new Set(
  '-i -o -s -d -p -m -j -g --sport --dport --mac-source --ctstate --state --comment'.split(' '),
);

/** How many values an option has that is not known here is not known either: they end at the next option. */
function optionsOf(words: readonly Word[]): readonly Option[] {
  const options: Option[] = [];
  let taken = -1;
  for (const [at, { text: name, isQuoted }] of words.entries()) {
    if (at === taken || isQuoted || !/^-{1,2}[a-z]/i.test(name)) continue;
    if (valued.has(name)) taken = at + 1;
    options.push({ name, isInverted: words[at - 1]?.text === '!', value: words[at + 1]?.text ?? '' });
  }
  return options;
}

function verdict({ name, value: target }: Option, isChain: (name: string) => boolean): readonly Expression[] {
  if (isChain(target)) return [{ [name === '-g' ? 'goto' : 'jump']: { target } }];
  const kind = targets[target];
  return kind === undefined ? [] : [{ [kind]: null }];
}

/** Nothing for what asks for nothing. */
function optionOf({ name, value, isInverted }: Option): readonly Expression[] {
  const op = isInverted ? '!=' : '==';
  const payload = (protocol: string, field: string, right: unknown): readonly Expression[] => [
    { match: { op, left: { payload: { protocol, field } }, right } },
  ];
  const meta = (key: string, right: unknown): readonly Expression[] => [
    { match: { op, left: { meta: { key } }, right } },
  ];
  switch (name) {
    case '-i':
      return meta('iifname', value.replace(/\+$/, '*'));
    case '-o':
      return meta('oifname', value.replace(/\+$/, '*'));
    case '-s':
      return payload('ip', 'saddr', value);
    case '-d':
      return payload('ip', 'daddr', value);
    case '-p':
      return value === 'all' ? [] : meta('l4proto', value);
    case '--sport':
    case '--dport':
      return payload('th', name.slice(2), portsOf(value));
    case '--mac-source':
      return payload('ether', 'saddr', value.toLowerCase());
    case '--ctstate':
    case '--state':
      return [{ match: { op, left: { ct: { key: 'state' } }, right: value.toLowerCase().split(',') } }];
    case '--comment':
      return [];
    case '-m':
      return plainMatches.has(value) ? [] : [{ unknown: value }];
    default:
      return [{ unknown: name }];
  }
}

function portsOf(value: string): unknown {
  const [first = '', last] = value.split(':');
  return last === undefined ? Number(first) : { range: [Number(first), Number(last)] };
}
