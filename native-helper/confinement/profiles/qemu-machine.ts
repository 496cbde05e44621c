// SPDX-License-Identifier: MIT
import type { AccessMode } from '#contract/security.ts';
import type { GeneratedProfile } from '../administrator/machine-profile-file.ts';
import { vhostNet, type MachineAccess } from '../machine-access.ts';
import { profileName, profileText, quotePath, section, type ProfileText } from '../profile.ts';
import { quietCommandLineSection, runtimeSections } from './runtime.ts';

/**
 * The profile of one machine's QEMU: entered at exec, so it has no right to execute anything, not
 * even itself; no capability, no inet, no file of another machine.
 */
export function qemuMachineProfile(access: MachineAccess): ProfileText {
  return generateMachineProfile(access).builtIn;
}

/** The rules apart from the profile around them, for an administrator's own. */
export function generateMachineProfile(access: MachineAccess): GeneratedProfile {
  const name = profileName(access.instance, access.program.name);
  const sections = machineSections(access);
  // stdin and tap are opened in the helper's /dev, which the machine's namespace no longer has; a confined helper's are
  // judged again at exec
  return { name, rules: sections.join(''), builtIn: profileText(name, sections, ['attach_disconnected']) };
}

function machineSections(access: MachineAccess): string[] {
  return [
    ...runtimeSections(),
    section('QEMU, its modules and the firmware of its package', [
      `${quotePath(access.program.path)} mr`,
      '/usr/lib/@{multiarch}/qemu/*.so mr',
      '/usr/share/{qemu,seabios}/** r',
    ]),
    section('devices of this machine; the tap comes as a descriptor', [
      ...access.devices.map(
        ({ name: device, mode, purpose }) => `${quotePath(`/dev/${device}`)} ${mode}${purpose === 'device' ? '' : 'k'}`,
      ),
      '/dev/net/tun rw',
    ]),
    section(
      "what the kernel's network back end takes at once",
      access.devices.some(({ name }) => name === vhostNet) ? ['/sys/module/vhost/parameters/max_mem_regions r'] : [],
    ),
    section(
      'what passed-through devices are',
      access.pciDevices.length === 0
        ? []
        : [
            '/sys/bus/pci/devices/ r',
            ...access.pciDevices.map(({ directory }) => `${quotePath(directory, '/{,**}')} r`),
          ],
    ),
    section(
      'its memory of huge pages',
      access.hugepages === undefined
        ? []
        : [`${quotePath(access.hugepages, '/')} rw`, `owner ${quotePath(access.hugepages, '/*')} rwk`],
    ),
    section(
      'limits of disks of the host',
      access.devices.some(({ purpose }) => purpose === 'block-device' || purpose === 'granted')
        ? ['/sys/devices/**/block/**/queue/* r']
        : [],
    ),
    section('its sockets come as descriptors, as the tap does', [
      'unix (create, bind, listen, accept, getattr, setattr, getopt, setopt, send, receive, shutdown) type=stream',
    ]),
    section('its disk; k is the lock on the image', fileRules(access, 'rw')),
    section('backing files, seed, kernel and firmware', fileRules(access, 'r')),
    section('its log and the record of its serial port, which come as descriptors', [
      `${quotePath(access.consoleLog)} w`,
      `${quotePath(access.log)} w`,
    ]),
    section('its memory while it is suspended, and while it goes on, which comes as a descriptor', [
      ...(access.memory ? [`${quotePath(access.memory.savePath)} w`] : []),
      ...(access.memory?.loadPath === undefined ? [] : [`${quotePath(access.memory.loadPath)} r`]),
    ]),
    quietCommandLineSection(),
    section('known attempts at start, refused quietly', [
      'deny /sys/bus/nd/devices/ r',
      'deny /dev/sgx_vepc rw',
      'deny /etc/{passwd,group,nsswitch.conf} r',
      'deny capability dac_read_search',
      'deny capability dac_override',
    ]),
  ];
}

function fileRules({ files }: MachineAccess, mode: AccessMode): string[] {
  return files.filter((file) => file.mode === mode).map(({ path }) => `${quotePath(path)} ${mode}k`);
}
