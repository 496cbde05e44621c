// SPDX-License-Identifier: MIT
import fs from 'node:fs';

/**
 * The command line that runs `command` in a network namespace of its own in which only loopback is up
 * (unshare(1), ip-netns(8)). Needs root.
 */
export function inPrivateNetwork(command: readonly string[]): readonly string[] {
  return ['unshare', '--net', '--', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh', ...command];
}

/** True when this process does not share its network with the machine's first process. */
export function isNetworkPrivate(): boolean {
  return fs.readlinkSync('/proc/self/ns/net') !== fs.readlinkSync('/proc/1/ns/net');
}
