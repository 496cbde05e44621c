// SPDX-License-Identifier: MIT
import { readdir, readFile, stat } from 'node:fs/promises';
import type { ConfinementLayer } from '#contract/security.ts';
import { messageOf } from '../core/errors.ts';
import { measureDevices, measureLimits } from './measure-cgroups.ts';
import { namespaceOf, readStatus } from '../process/proc-fs.ts';

type Measured = Pick<ConfinementLayer, 'state' | 'evidence'>;

/** The layers around a process as /proc shows them now: what was intended does not count. */
export async function measureConfinement(pid: number): Promise<ConfinementLayer[]> {
  const measurements: readonly [ConfinementLayer['layer'], Promise<Measured>][] = [
    ['apparmor', apparmor(pid)],
    ['uid', fromStatus(pid, 'Uid', (value) => value.split(/\s+/).every((uid) => uid !== '0'), 'user ids')],
    ['capabilities', capabilities(pid)],
    ['seccomp', fromStatus(pid, 'Seccomp', (value) => value === '2', 'seccomp mode')],
    ['namespaces', namespaces(pid)],
    ['private-dev', privateDev(pid)],
    ['devices', measureDevices(pid)],
    ['limits', measureLimits(pid)],
  ];
  return Promise.all(measurements.map(async ([layer, measuring]) => ({ layer, ...(await measuring.catch(unknown)) })));
}

/** The AppArmor label of a process with its mode; undefined where the kernel has none. */
export async function appArmorLabel(pid: number): Promise<string | undefined> {
  if (!(await hasAppArmor())) return undefined;
  return (await textOf(`/proc/${pid}/attr/apparmor/current`)) ?? (await textOf(`/proc/${pid}/attr/current`));
}

async function apparmor(pid: number): Promise<Measured> {
  if (!(await hasAppArmor())) return { state: 'unavailable', evidence: 'this kernel has no AppArmor' };
  const label = await appArmorLabel(pid);
  if (label === undefined) return { state: 'unknown', evidence: 'the label cannot be read' };
  return { state: label.endsWith('(enforce)') ? 'on' : 'off', evidence: `label ${label}` };
}

async function hasAppArmor(): Promise<boolean> {
  return (await textOf('/sys/module/apparmor/parameters/enabled')) === 'Y';
}

async function fromStatus(
  pid: number,
  field: string,
  isOn: (value: string) => boolean,
  word: string,
): Promise<Measured> {
  const value = (await readStatus(pid))?.get(field);
  if (value === undefined) return { state: 'unknown', evidence: `no ${field} in /proc/${pid}/status` };
  return { state: isOn(value) ? 'on' : 'off', evidence: `${word} ${value.replace(/\s+/g, ' ')}` };
}

/** Nothing in effect and nothing that could be regained: the bounding set counts as well. */
async function capabilities(pid: number): Promise<Measured> {
  const status = await readStatus(pid);
  const sets = ['CapEff', 'CapPrm', 'CapInh', 'CapAmb', 'CapBnd'].map((name) => [name, status?.get(name)] as const);
  if (sets.some(([, value]) => value === undefined))
    return { state: 'unknown', evidence: `no capabilities in /proc/${pid}/status` };
  const isEmpty = sets.every(([, value]) => /^0+$/.test(value ?? ''));
  return { state: isEmpty ? 'on' : 'off', evidence: `CapEff ${sets[0]?.[1]}, CapBnd ${sets[4]?.[1]}` };
}

async function namespaces(pid: number): Promise<Measured> {
  const pairs = await Promise.all(
    (['mnt', 'net', 'ipc', 'uts'] as const).map(async (kind) => ({
      kind,
      own: await namespaceOf('self', kind),
      its: await namespaceOf(pid, kind),
    })),
  );
  if (pairs.some(({ own, its }) => own === undefined || its === undefined))
    return { state: 'unknown', evidence: 'the namespaces cannot be read' };
  const shared = pairs.filter(({ own, its }) => own === its).map(({ kind }) => kind);
  return shared.length === 0
    ? { state: 'on', evidence: pairs.map(({ its }) => its).join(' ') }
    : { state: 'off', evidence: `shared with the helper: ${shared.join(' ')}` };
}

/** A mount of its own in place of the host's; the evidence tells what is in it. */
async function privateDev(pid: number): Promise<Measured> {
  const place = `/proc/${pid}/root/dev`;
  const [names, its, hosts] = await Promise.all([readdir(place), stat(place), stat('/dev')]);
  return {
    state: its.dev === hosts.dev ? 'off' : 'on',
    evidence: `/dev holds ${names.length > 12 ? `${names.length} nodes` : names.toSorted().join(' ')}`,
  };
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trim().replace(/\0$/, '');
  } catch {
    return undefined; // absent on kernels without it; the caller says what that means
  }
}

function unknown(error: unknown): Measured {
  return { state: 'unknown', evidence: messageOf(error) };
}
