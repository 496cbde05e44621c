// SPDX-License-Identifier: MIT
import { sentence } from '#messages/say.ts';
import { reasonFrom, SaidError } from '../../core/said-error.ts';
import type { ConfEntry, ConfValue } from './conf-syntax.ts';
import { parseConf } from './conf-syntax.ts';
import { userRights, type UserRight } from './users-may.ts';

/** What cgroups can do for machines; libvirt's names (cgroup_controllers), and pids. */
const controllerNames = ['cpu', 'devices', 'memory', 'pids', 'blkio', 'cpuset', 'cpuacct'] as const;
export type ControllerName = (typeof controllerNames)[number];

/** What the administrator decided for all machines of this host. */
export interface SecurityConf {
  /** `auto`: AppArmor where the kernel has it. `apparmor`: nothing starts without it, consent or not. */
  readonly driver: 'auto' | 'apparmor' | 'none';
  /** False: no users of their own either; machines run as root. */
  readonly hasOwnUsers: boolean;
  /** By name or number; machines have users of their own where absent. */
  readonly user: string | undefined;
  readonly group: string | undefined;
  /** The mount namespace with its own /dev, /run and /tmp. */
  readonly hasMountNamespace: boolean;
  readonly hasSeccomp: boolean;
  /** Names below /dev that every machine gets. */
  readonly devices: readonly string[];
  /** Those that are used; all where absent. */
  readonly controllers: readonly ControllerName[] | undefined;
  /** What the owners of instances may decide as root may; nothing by default. */
  readonly usersMay: readonly UserRight[];
}

export const defaultConf: SecurityConf = {
  driver: 'auto',
  hasOwnUsers: true,
  user: undefined,
  group: undefined,
  hasMountNamespace: true,
  hasSeccomp: true,
  devices: [],
  controllers: undefined,
  usersMay: [],
};

type Setting = (value: ConfValue) => Partial<SecurityConf>;

/**
 * The settings of libvirt's qemu.conf that say how far machines are confined, with their meaning there (docs/drvqemu,
 * "Disabling security protection host-wide").
 */
const settings: Readonly<Record<string, Setting>> = {
  security_driver: (value) => {
    const names = typeof value === 'string' ? [value] : listOf(value);
    const strange = names.find((name) => !['apparmor', 'none', 'dac'].includes(name));
    if (strange !== undefined) throw new SaidError(sentence('security.no-driver', { strange }));
    if (names.includes('none') && names.length > 1) throw new SaidError(sentence('security.none-alone'));
    if (names.length === 0) return { driver: 'none', hasOwnUsers: false };
    return { driver: names.includes('none') ? 'none' : names.includes('apparmor') ? 'apparmor' : 'auto' };
  },
  user: (value) => ({ user: accountOf(value) }),
  group: (value) => ({ group: accountOf(value) }),
  namespaces: (value) => {
    const strange = listOf(value).find((name) => name !== 'mount');
    if (strange !== undefined) throw new SaidError(sentence('security.cannot-be-chosen', { strange }));
    return { hasMountNamespace: listOf(value).includes('mount') };
  },
  seccomp_sandbox: (value) => {
    if (value !== 0 && value !== 1 && value !== -1) throw new Error('0, 1 or -1');
    return { hasSeccomp: value !== 0 };
  },
  cgroup_device_acl: (value) => {
    const strange = listOf(value).find(
      (name) => !/^\/dev\/[A-Za-z0-9_.+:-]+(?:\/[A-Za-z0-9_.+:-]+)*$/.test(name) || /\/\.\.?(?:\/|$)/.test(name),
    );
    if (strange !== undefined) throw new SaidError(sentence('security.no-device-path', { strange }));
    return { devices: listOf(value).map((name) => name.slice('/dev/'.length)) };
  },
  cgroup_controllers: (value) => {
    const names = listOf(value);
    const strange = names.find((name) => !(controllerNames as readonly string[]).includes(name));
    if (strange !== undefined)
      throw new SaidError(sentence('security.no-controller', { strange, controllerNames: controllerNames.join(', ') }));
    return { controllers: names as ControllerName[] };
  },
  /** Not of libvirt, where who may define machines may do all that. */
  users_may: (value) => {
    const strange = listOf(value).find((name) => !(userRights as readonly string[]).includes(name));
    if (strange !== undefined)
      throw new SaidError(sentence('security.cannot-be-let', { strange, userRights: userRights.join(', ') }));
    return { usersMay: listOf(value) as UserRight[] };
  },
};

/**
 * Reads the text of security.conf. A name that is not known is an error: a misspelt setting would leave something
 * on or off without a word.
 *
 * @throws Error that names the line
 */
export function parseSecurityConf(text: string): SecurityConf {
  return [...parseConf(text)].reduce<SecurityConf>(
    (conf, [name, entry]) => ({ ...conf, ...apply(name, entry) }),
    defaultConf,
  );
}

/** The layers that the administrator took away or changed for all machines, as a person reads them. */
export function weaknessesOf(conf: SecurityConf): string[] {
  return [
    ...(conf.driver === 'none' ? ['AppArmor is off'] : []),
    ...(conf.hasOwnUsers ? [] : ['machines run as root']),
    ...(conf.user === undefined ? [] : [`machines share the user ${conf.user}`]),
    ...(conf.hasMountNamespace ? [] : ["machines see the host's /dev, /run and /tmp"]),
    ...(conf.hasSeccomp ? [] : ['system calls are not filtered']),
    ...(conf.devices.length === 0
      ? []
      : [`every machine gets ${conf.devices.map((name) => `/dev/${name}`).join(', ')}`]),
    ...(conf.usersMay.length === 0 ? [] : [`owners of instances may decide on ${conf.usersMay.join(', ')}`]),
    ...(conf.controllers === undefined || conf.controllers.includes('devices')
      ? []
      : ['devices are not controlled by cgroup']),
  ];
}

function apply(name: string, { value, line }: ConfEntry): Partial<SecurityConf> {
  const setting = settings[name];
  if (!setting) throw new SaidError(sentence('security.line-no-setting', { line, name }));
  try {
    return setting(value);
  } catch (error) {
    throw new SaidError(sentence('security.line-setting', { line, name, reason: reasonFrom(error) }), {
      cause: error,
    });
  }
}

function listOf(value: ConfValue): readonly string[] {
  if (typeof value !== 'object') throw new SaidError(sentence('security.list-needed'));
  return value;
}

function accountOf(value: ConfValue): string {
  if (typeof value !== 'string' || !/^(?:\+\d{1,10}|[A-Za-z0-9_][A-Za-z0-9_.-]*\$?)$/.test(value))
    throw new SaidError(sentence('security.name-or-number'));
  return value;
}
