// SPDX-License-Identifier: MIT
import type { ToldSecuritySettings, SetSecurityParams } from '#contract/security.ts';
import { sentence } from '#messages/say.ts';
import { requireUnmounted } from '../../confinement/hardware/block-devices.ts';
import { resolveGrant } from '../../confinement/grants/resolve-grant.ts';
import { assetsDirectory } from '../../core/assets.ts';
import { HelperError } from '../../core/errors.ts';
import type { Actor } from '../../core/seams/operation.ts';
import { changeSecurity, requireMayLoosen } from './change-security.ts';
import type { Instance } from '../instance/instance.ts';
import { requireChangeable } from '../memory/suspended.ts';
import { requirePlaces } from './machine-settings.ts';
import { decidedBy, requireMayDecide } from './loosening.ts';
import type { InstanceServices } from '../instance/services.ts';

const lookLimitMs = 10_000;

/** Remembers what the owner decided on an instance's confinement. Who is told of the instance is told of that too. */
export async function setSecurity(
  services: InstanceServices,
  actor: Actor,
  params: SetSecurityParams,
): Promise<Instance> {
  const instance = services.registry.require(params.name, actor, 'changeConfinement');
  const { blockDevices: disks, ...rest } = params;
  requireChangeable(instance, changedBy(params));
  if (isHardware(params)) requireRoot(actor);
  const blockDevices = disks && (await resolveDisks(services, actor, disks));
  if (isLoosening(params)) await requireMayLoosen(services, actor, instance);
  await requireMayDecide(services, actor, instance, params);
  await changeSecurity(services, instance, (settings) => {
    const next = merge(settings, { ...rest, ...(blockDevices && { blockDevices }) });
    if (isHardware(params)) requirePlaces(next);
    return { ...next, ...decidedBy(actor.uid, settings, params) };
  });
  return instance;
}

function changedBy({ name: _, ...settings }: SetSecurityParams): readonly string[] {
  return Object.entries(settings).flatMap(([key, value]) => (value === undefined ? [] : [key]));
}

function isLoosening({ isAllowedWithoutAppArmor, mode, qemu }: SetSecurityParams): boolean {
  return (
    isAllowedWithoutAppArmor === true ||
    mode === 'complain' ||
    (qemu?.args?.length ?? 0) > 0 ||
    Object.keys(qemu?.env ?? {}).length > 0
  );
}

/** The host's own hardware, whoever may open its nodes; memory of huge pages is only memory. */
function isHardware({ usesVhostNet, vfioGroups, blockDevices }: SetSecurityParams): boolean {
  return usesVhostNet === true || (vfioGroups?.length ?? 0) > 0 || (blockDevices?.length ?? 0) > 0;
}

function requireRoot({ uid }: Actor): void {
  if (uid !== 0) throw new HelperError('auth.denied', { uid, action: sentence('action.give-hardware') });
}

/**
 * Disks by where their nodes really are: a name such as /dev/disk/by-id/… can lead elsewhere tomorrow.
 * @throws HelperError request.invalid where two names lead to one disk
 */
async function resolveDisks(
  { runner, files, hostSecurity }: InstanceServices,
  actor: Actor,
  disks: ToldSecuritySettings['blockDevices'],
): Promise<ToldSecuritySettings['blockDevices']> {
  const options = {
    runner,
    assetsDirectory,
    ownDirectories: [files.stateDirectory, files.runDirectory, hostSecurity.directory],
    signal: AbortSignal.timeout(lookLimitMs),
  };
  const found = await Promise.all(
    disks.map(async ({ path, isReadOnly }) => {
      const node = await resolveGrant({ path, mode: isReadOnly ? 'r' : 'rw' }, actor, options);
      if (!isReadOnly) await requireUnmounted(node.path);
      return { path: node.path, isReadOnly };
    }),
  );
  const again = found.find(({ path }, index) => found.findIndex((disk) => disk.path === path) < index);
  if (again)
    throw new HelperError('request.invalid', { reason: sentence('instance.disk-named-twice', { path: again.path }) });
  return found;
}

/** What is named is changed; a list or table as a whole. */
function merge(settings: ToldSecuritySettings, { name: _, qemu, ...rest }: SetSecurityParams): ToldSecuritySettings {
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  return {
    ...settings,
    ...given,
    qemu: { args: qemu?.args ?? settings.qemu.args, env: qemu?.env ?? settings.qemu.env },
  };
}
