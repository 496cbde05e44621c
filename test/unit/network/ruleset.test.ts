// SPDX-License-Identifier: MIT
import { describe, expect, test } from 'vitest';
import type { MacAddress } from '#contract/names.ts';
import { droppedPackets } from '../../../native-helper/network/dropped-packets.ts';
import { Ruleset } from '../../../native-helper/network/ruleset-walk.ts';

const place = {
  tap: 'tap-0000000a',
  mac: '52:54:00:aa:00:01' as MacAddress,
  address: '10.9.8.7',
  bridge: 'mpqemubr0',
  gateway: '10.9.8.1',
  upstream: 'eth0',
};

const never = new AbortController().signal;

/** Which chains, of iptables' old tables, drop what the guest needs, and by which of their rules. */
async function legacy(...saved: string[]): Promise<readonly string[]> {
  const ruleset = new Ruleset({ json: '{"nftables":[]}', chains: '', legacy: saved.join('\n') });
  return (await droppedPackets(ruleset, place, never)).map(
    ({ table, chain, rule, isCertain }) =>
      `${table} ${chain} ${rule ? `${rule.chain}:${rule.handle}` : 'policy'}${isCertain ? '' : '?'}`,
  );
}

describe('a saved table of iptables', () => {
  test.each([
    ['policy of drop', [':FORWARD DROP [0:0]'], ['filter FORWARD policy']],
    ['accept before it', [':FORWARD DROP [0:0]', '-A FORWARD -j ACCEPT'], []],
    [
      'accept of the bridge, both ways',
      [':FORWARD DROP [0:0]', '-A FORWARD -i mpq+ -j ACCEPT', '-A FORWARD -o mpq+ -j ACCEPT'],
      [],
    ],
    ['accept of another bridge', [':FORWARD DROP [0:0]', '-A FORWARD -i virbr+ -j ACCEPT'], ['filter FORWARD policy']],
    [
      'drop in a chain that is gone to',
      [':FORWARD ACCEPT [0:0]', ':own - [0:0]', '-A FORWARD -s 10.9.8.0/24 -g own', '-A own -j DROP'],
      ['filter FORWARD own:1'],
    ],
    [
      'word in a comment that is no option',
      [':INPUT ACCEPT [0:0]', '-A INPUT -i lo -m comment --comment "a -j ACCEPT \\" b" -j DROP'],
      [],
    ],
    ...['"-j"', '-j', '"-j ACCEPT"', '"! -g"'].map((comment): [string, string[], string[]] => [
      `comment ${comment}`,
      [':INPUT ACCEPT [0:0]', `-A INPUT -m comment --comment ${comment} -j DROP`],
      ['filter INPUT INPUT:1'],
    ]),
    ['match that is not known', [':INPUT ACCEPT [0:0]', '-A INPUT -m set --match-set bad src -j DROP'], []],
    [
      'accept that is not known, before a drop',
      [':INPUT DROP [0:0]', '-A INPUT -m socket -j ACCEPT'],
      ['filter INPUT policy?'],
    ],
    [
      'option with a value that looks like a port',
      [':INPUT ACCEPT [0:0]', '-A INPUT -p tcp -m tcp --dport 53 -j DROP'],
      [],
    ],
    [
      'range of ports',
      [':INPUT ACCEPT [0:0]', '-A INPUT -p udp -m udp --dport 1:100 -j DROP'],
      ['filter INPUT INPUT:1'],
    ],
    ['inverted address', [':FORWARD ACCEPT [0:0]', '-A FORWARD ! -s 10.0.0.0/8 -i mpqemubr0 -j DROP'], []],
    ['state of answers alone', [':FORWARD ACCEPT [0:0]', '-A FORWARD -m state --state INVALID -j DROP'], []],
  ])('%s', async (_, lines, found) => {
    expect(await legacy('*filter', ...lines, 'COMMIT')).toEqual(found);
  });

  test('a translation of addresses ends its chain, and answers do not pass it', async () => {
    expect(
      await legacy(
        '*nat',
        ':POSTROUTING ACCEPT [0:0]',
        '-A POSTROUTING -s 10.0.0.0/8 -j MASQUERADE',
        '-A POSTROUTING -j DROP',
      ),
    ).toEqual([]);
  });
});

test('a bridge is told from others by its name, and a device-bound chain by its device', async () => {
  const chain = (family: string, hook: string, policy = 'accept') => ({
    chain: { family, table: 'x', name: hook, type: 'filter', hook, prio: 0, policy },
  });
  const rule = (family: string, name: string, key: string, right: string) => ({
    rule: {
      family,
      table: 'x',
      chain: name,
      handle: 7,
      expr: [{ match: { op: '==', left: { meta: { key } }, right } }, { drop: null }],
    },
  });
  const drops = async (right: string, device: string): Promise<readonly string[]> => {
    const found = await droppedPackets(
      new Ruleset({
        json: JSON.stringify({
          nftables: [
            chain('bridge', 'prerouting'),
            rule('bridge', 'prerouting', 'ibrname', right),
            chain('netdev', 'ingress', 'drop'),
          ],
        }),
        chains: `table netdev x {\n\tchain ingress {\n\t\ttype filter hook ingress devices = { ${device}, lo } priority filter; policy drop;\n\t}\n}\n`,
        legacy: '',
      }),
      place,
      never,
    );
    return found.map(({ family }) => family);
  };
  expect((await drops('mpqemubr0', 'tap-0000000a')).toSorted()).toEqual(['bridge', 'netdev']);
  expect(await drops('mpqemubr0', 'tap-0000000b')).toEqual(['bridge']);
  expect(await drops('br-lan', 'wlan0')).toEqual([]);
});

const dropAll = { drop: null };

/** A set of many addresses that no guest has. */
function blocklist(): object {
  const set = Array.from({ length: 2000 }, (_, at) => `192.168.${Math.floor(at / 256)}.${at % 256}`);
  return { match: { op: '==', left: { payload: { protocol: 'ip', field: 'saddr' } }, right: { set } } };
}

/** Of rules of nft, the last of which drops all that is forwarded. */
function forwarding(rules: readonly (readonly object[])[], other: readonly object[] = []): Ruleset {
  const chain = {
    family: 'ip',
    table: 'x',
    name: 'forward',
    type: 'filter',
    hook: 'forward',
    prio: 0,
    policy: 'accept',
  };
  const nftables = [
    { chain },
    { chain: { family: 'ip', table: 'x', name: 'other' } },
    { rule: { family: 'ip', table: 'x', chain: 'other', handle: 0, expr: other } },
    ...[...rules, [dropAll]].map((expr, handle) => ({
      rule: { family: 'ip', table: 'x', chain: 'forward', handle, expr },
    })),
  ];
  return new Ruleset({ json: JSON.stringify({ nftables }), chains: '', legacy: '' });
}

function times<Item>(count: number, make: () => Item): readonly Item[] {
  return Array.from({ length: count }, make);
}

test('long sets are followed, and others have their turn meanwhile', async () => {
  const ruleset = forwarding(times(100, () => [blocklist(), dropAll]));
  let turns = 0;
  const count = (): void => {
    turns += 1;
    timer = setImmediate(count);
  };
  let timer = setImmediate(count);
  const found = await droppedPackets(ruleset, place, never);
  clearImmediate(timer);
  expect(found.map(({ chain, rule, isCertain }) => [chain, rule?.handle, isCertain])).toEqual([['forward', 100, true]]);
  expect(ruleset.isExhausted).toBe(false);
  expect(turns).toBeGreaterThan(20);
});

test.each([
  ['more values than can be compared', 600, blocklist()],
  ['more verdicts of a map', 60, { vmap: { key: { payload: { protocol: 'ip', field: 'saddr' } }, data: verdicts() } }],
])('what has %s is not taken for passed', async (_, jumps, long) => {
  const ruleset = forwarding(
    times(jumps, () => [{ jump: { target: 'other' } }]),
    [long, dropAll],
  );
  expect([await droppedPackets(ruleset, place, never), ruleset.isExhausted]).toEqual([[], true]);
});

function verdicts(): object {
  return { set: Array.from({ length: 2000 }, (_, at) => [`192.168.${Math.floor(at / 256)}.${at % 256}`, dropAll]) };
}

test('of many ports each is looked at until all have had too much', async () => {
  const ruleset = forwarding(
    times(400, () => [{ jump: { target: 'other' } }]),
    [blocklist(), dropAll],
  );
  const found: number[] = [];
  while (!ruleset.isExhausted && found.length < 40) found.push((await droppedPackets(ruleset, place, never)).length);
  // what was seen before is told; the last one was not seen whole
  expect([ruleset.isExhausted, found.slice(0, 2), found.length < 40]).toEqual([true, [1, 1], true]);
});

test('a look that nobody waits for any more ends', async () => {
  const gone = AbortSignal.abort(new Error('gone'));
  await expect(droppedPackets(forwarding(times(100, () => [blocklist(), dropAll])), place, gone)).rejects.toThrow(
    'gone',
  );
});
