// SPDX-License-Identifier: MIT
import { sayObstacles } from '../network-obstacles.ts';
import { programVersion, missingOf } from '../program-version.ts';
import type { Check } from './surroundings.ts';

/** The programs that make the network, and what is there of it now. */
export const checkNetwork: Check = async ({ runner, network }, signal) => {
  const missing = await missingOf(['ip', 'nft', 'dnsmasq', 'sysctl']);
  if (missing.length > 0)
    return {
      id: 'network',
      state: 'missing',
      summary: `Not installed: ${missing.map(({ name }) => name).join(', ')}. Instances cannot start.`,
      fix: `Install ${missing.map(({ package: name }) => name).join(', ')}.`,
    };
  const [dnsmasq, nft, seen, { bridge, obstacles }] = await Promise.all([
    programVersion(runner, 'dnsmasq', signal),
    programVersion(runner, 'nft', signal),
    network.observe(),
    network.examine(signal),
  ]);
  const evidence = `dnsmasq ${dnsmasq.version}, nft ${nft.version}; bridge ${seen.bridge}${seen.subnet === undefined ? '' : ` (${seen.subnet})`}, dnsmasq ${seen.dnsmasq}, rules ${seen.table}`;
  switch (seen.bridge) {
    case 'foreign':
      return {
        id: 'network',
        state: 'missing',
        summary: 'Another device already uses the name of the bridge.',
        evidence,
        fix: 'It may belong to another helper or another program: see ip -d link. Start this helper with --bridge NAME, or remove the device if nobody uses it.',
      };
    case 'unknown':
      return { id: 'network', state: 'unknown', summary: 'Could not be checked.', evidence };
    case 'present':
    case 'absent':
      if (obstacles.length > 0) return { id: 'network', evidence, ...sayObstacles(bridge, obstacles) };
      if (seen.bridge === 'absent')
        return {
          id: 'network',
          state: 'good',
          summary: 'The bridge is created when the first instance starts.',
          evidence,
        };
      if (seen.dnsmasq === 'absent')
        return {
          id: 'network',
          state: 'missing',
          summary: 'dnsmasq is not running, so instances do not get an address.',
          evidence,
          fix: 'Start an instance or restart the helper.',
        };
      return { id: 'network', state: 'good', summary: 'The network is working.', evidence };
    default:
      return seen.bridge satisfies never;
  }
};
