// SPDX-License-Identifier: MIT
import fs from 'node:fs';

/** Names the network namespace that a private one was made from. */
const outerNetworkVariable = 'BERTH_OUTER_NETWORK';

/**
 * The command line that runs `command` in a network namespace of its own in which only loopback is up
 * (unshare(1), ip-netns(8)). Needs root.
 */
export function inPrivateNetwork(command: readonly string[]): readonly string[] {
  const outer = `${outerNetworkVariable}=${ownNetwork()}`;
  return ['unshare', '--net', '--', 'env', outer, 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh', ...command];
}

/** True when this process runs inside such a namespace, or has no network but loopback. */
export function isNetworkPrivate(): boolean {
  const outer = process.env[outerNetworkVariable];
  if (outer !== undefined) return outer !== ownNetwork();
  const devices = fs
    .readFileSync('/proc/self/net/dev', 'utf8')
    .split('\n')
    .filter((line) => line.includes(':'));
  return devices.every((line) => line.trim().startsWith('lo:'));
}

function ownNetwork(): string {
  return fs.readlinkSync('/proc/self/ns/net');
}
