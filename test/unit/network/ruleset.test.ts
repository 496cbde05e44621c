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

/** Which chains, of iptables' old tables, drop what the guest needs, and by which of their rules. */
function legacy(...saved: string[]): readonly string[] {
  const ruleset = new Ruleset({ json: '{"nftables":[]}', chains: '', legacy: saved.join('\n') });
  return droppedPackets(ruleset, place).map(
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
  ])('%s', (_, lines, found) => {
    expect(legacy('*filter', ...lines, 'COMMIT')).toEqual(found);
  });

  test('a translation of addresses ends its chain, and answers do not pass it', () => {
    expect(
      legacy(
        '*nat',
        ':POSTROUTING ACCEPT [0:0]',
        '-A POSTROUTING -s 10.0.0.0/8 -j MASQUERADE',
        '-A POSTROUTING -j DROP',
      ),
    ).toEqual([]);
  });
});

test('a bridge is told from others by its name, and a device-bound chain by its device', () => {
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
  const drops = (right: string, device: string): readonly string[] =>
    droppedPackets(
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
    ).map(({ family }) => family);
  expect(drops('mpqemubr0', 'tap-0000000a').toSorted()).toEqual(['bridge', 'netdev']);
  expect(drops('mpqemubr0', 'tap-0000000b')).toEqual(['bridge']);
  expect(drops('br-lan', 'wlan0')).toEqual([]);
});
