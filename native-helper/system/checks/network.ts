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
      summary: `Not installed: ${missing.map(({ name }) => name).join(', ')}. No instance can start.`,
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
        summary: "The bridge's name is taken by a device that this helper did not make.",
        evidence,
        fix: 'It may be of another Berth helper or of another program: see it with ip -d link. Start this helper with --bridge NAME, or remove the device where nobody uses it.',
      };
    case 'unknown':
      return { id: 'network', state: 'unknown', summary: 'The network cannot be looked at.', evidence };
    case 'present':
    case 'absent':
      if (obstacles.length > 0) return { id: 'network', evidence, ...sayObstacles(bridge, obstacles) };
      if (seen.bridge === 'absent')
        return { id: 'network', state: 'good', summary: 'Made with the first instance that starts.', evidence };
      if (seen.dnsmasq === 'absent')
        return {
          id: 'network',
          state: 'missing',
          summary: 'The bridge is there and no dnsmasq serves it: instances get no address.',
          evidence,
          fix: 'Start an instance, or restart the helper: either starts it again.',
        };
      return { id: 'network', state: 'good', summary: 'Instances have their network.', evidence };
    default:
      return seen.bridge satisfies never;
  }
};
