// SPDX-License-Identifier: MIT
import { sentence } from '#messages/say.ts';
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
      summary: sentence('doctor.programs-missing', { programs: missing.map(({ name }) => name).join(', ') }),
      fix: sentence('doctor.install-packages', { packages: missing.map(({ package: name }) => name).join(', ') }),
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
        summary: sentence('doctor.bridge-name-taken'),
        evidence,
        fix: sentence('doctor.free-bridge-name'),
      };
    case 'unknown':
      return { id: 'network', state: 'unknown', summary: sentence('doctor.not-checked'), evidence };
    case 'present':
    case 'absent':
      if (obstacles.length > 0) return { id: 'network', evidence, ...sayObstacles(bridge, obstacles) };
      if (seen.bridge === 'absent')
        return {
          id: 'network',
          state: 'good',
          summary: sentence('doctor.bridge-not-yet'),
          evidence,
        };
      if (seen.dnsmasq === 'absent')
        return {
          id: 'network',
          state: 'missing',
          summary: sentence('doctor.no-dnsmasq'),
          evidence,
          fix: sentence('doctor.start-dnsmasq'),
        };
      return { id: 'network', state: 'good', summary: sentence('doctor.network-works'), evidence };
    default:
      return seen.bridge satisfies never;
  }
};
