// SPDX-License-Identifier: MIT
import { profileName, profileText, quotePath, section, type ProfileText } from '../profile.ts';
import { runtimeSections } from './runtime.ts';

export interface ConversionAccess {
  /** Distinguishes conversions that run side by side: `multipass.<id>.qemu-img`. */
  readonly id: string;
  readonly program: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** The profile of one run of qemu-img on somebody else's file: this input, this output, and nothing else. */
export function qemuImgProfile(access: ConversionAccess): ProfileText {
  return profileText(profileName(access.id, 'qemu-img'), [
    ...runtimeSections(),
    section('qemu-img and the block drivers of its package', [
      `${quotePath(access.program)} mr`,
      '/usr/lib/@{multiarch}/qemu/*.so mr',
    ]),
    section("Node's pipes are socket pairs", ['unix (send, receive, getattr, getopt, shutdown) type=stream']),
    section(
      'read and locked',
      access.inputs.map((file) => `${quotePath(file)} rk`),
    ),
    section(
      'made',
      access.outputs.map((file) => `${quotePath(file)} rwk`),
    ),
    section('known attempts at start, refused quietly', [
      'deny /sys/bus/nd/devices/ r',
      'deny /etc/{passwd,group,nsswitch.conf} r',
    ]),
  ]);
}
