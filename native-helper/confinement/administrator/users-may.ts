// SPDX-License-Identifier: MIT
import { sentence } from '#messages/say.ts';
import type { Reason } from '../../core/said-error.ts';

/**
 * What the administrator may let ordinary users do to the confinement of their instances (`users_may` in
 * security.conf).
 */
export const userRights = ['qemu-args', 'qemu-env', 'complain'] as const;
export type UserRight = (typeof userRights)[number];

/** Of allocators and messages: nothing that names a file, loads code or writes one. */
const variables = new Set([
  'MALLOC_ARENA_MAX',
  'MALLOC_MMAP_THRESHOLD_',
  'MALLOC_PERTURB_',
  'MALLOC_TOP_PAD_',
  'MALLOC_TRIM_THRESHOLD_',
  'G_MESSAGES_DEBUG',
  'G_DEBUG',
]);
const plainValue = /^[A-Za-z0-9_,.:=+-]*$/;

/**
 * Options with a value of QEMU's command line (qemu(1)) that no user can reach a file, a socket or another layer by,
 * and what the value may be.
 */
const options: Readonly<Record<string, (value: string) => Reason | undefined>> = {
  name: plain,
  cpu: plain,
  smp: keys('', ['cpus', 'sockets', 'dies', 'clusters', 'cores', 'threads', 'maxcpus']),
  rtc: keys('', ['base', 'clock', 'driftfix']),
  boot: keys('', ['order', 'once', 'menu', 'strict', 'splash-time', 'reboot-timeout']),
  smbios: keys('type', [
    'type',
    'vendor',
    'version',
    'date',
    'release',
    'uefi',
    'manufacturer',
    'product',
    'serial',
    'uuid',
    'sku',
    'family',
    'asset',
    'location',
    'value',
  ]),
  vga: oneOf(['none', 'std', 'virtio']),
  action: keys('', ['watchdog', 'reboot']),
  device: (value) => driverOf(value, devices, deviceProperties),
  object: (value) => driverOf(value, ['rng-builtin', 'iothread'], ['id', 'poll-max-ns', 'poll-grow', 'poll-shrink']),
};
const flags = new Set(['no-reboot']);
/** They have neither a file nor a host device behind them. */
const devices = [
  'qemu-xhci',
  'usb-kbd',
  'usb-mouse',
  'usb-tablet',
  'virtio-keyboard-pci',
  'virtio-mouse-pci',
  'virtio-tablet-pci',
  'virtio-gpu-pci',
  'virtio-rng-pci',
  'pcie-root-port',
  'i6300esb',
];
const deviceProperties = [
  'id',
  'bus',
  'addr',
  'port',
  'chassis',
  'slot',
  'multifunction',
  'max_outputs',
  'xres',
  'yres',
  'rng',
  'max-bytes',
  'period',
  'p2',
  'p3',
];

/**
 * Why a user may not give these arguments although users may give some; undefined where he may. By a list of what is
 * allowed: QEMU has hundreds of options that open something by name, and each release brings more.
 */
export function refusedArgument(args: readonly string[]): Reason | undefined {
  for (let at = 0; at < args.length; at += 1) {
    const option = /^--?([a-z][a-z-]*)$/.exec(args[at] ?? '')?.[1];
    if (option === undefined) return sentence('security.no-option', { option: JSON.stringify(args[at]) });
    if (flags.has(option)) continue;
    const check = Object.hasOwn(options, option) ? options[option] : undefined;
    if (!check) return sentence('security.not-users-option', { option });
    at += 1;
    const value = args[at];
    const reason = value === undefined ? sentence('security.needs-value') : check(value);
    if (reason !== undefined) return sentence('security.option-refused', { option, reason });
  }
  return undefined;
}

/** As {@link refusedArgument}, of the environment. */
export function refusedVariable(env: Readonly<Record<string, string>>): Reason | undefined {
  const strange = Object.entries(env).find(([name, value]) => !variables.has(name) || !plainValue.test(value));
  return strange === undefined ? undefined : sentence('security.not-users-variable', { strange: strange[0] });
}

function plain(value: string): Reason | undefined {
  return plainValue.test(value) ? undefined : sentence('security.value-not-plain');
}

function oneOf(words: readonly string[]): (value: string) => Reason | undefined {
  return (value) => (words.includes(value) ? undefined : words.join(', '));
}

/**
 * `key=value,…`; `implied` is what QEMU takes a first word without a key for, and empty where that is the option's own
 * matter.
 */
function keys(implied: string, allowed: readonly string[]): (value: string) => Reason | undefined {
  return (value) => {
    for (const [index, pair] of value.split(',').entries()) {
      const [key = '', ...rest] = pair.split('=');
      const isWord = rest.length === 0 && index === 0 && implied === '' && plainValue.test(key);
      if (!isWord && !(allowed.includes(key) && plainValue.test(rest.join('='))))
        return sentence('security.not-allowed', { key: JSON.stringify(key) });
    }
    return undefined;
  };
}

function driverOf(value: string, drivers: readonly string[], properties: readonly string[]): Reason | undefined {
  const [driver = '', ...pairs] = value.split(',');
  if (!drivers.includes(driver))
    return sentence('security.not-for-users', { driver: JSON.stringify(driver.slice(0, 40)) });
  return pairs.length === 0 ? undefined : keys('=', properties)(pairs.join(','));
}
