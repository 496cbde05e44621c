// SPDX-License-Identifier: MIT
import type { AccessGrant, GrantParams, RevokeParams } from '#contract/security.ts';
import { closeFor, openFor } from '../confinement/grants/file-access.ts';
import { resolveGrant } from '../confinement/grants/resolve-grant.ts';
import { assetsDirectory } from '../core/assets.ts';
import { HelperError, messageOf } from '../core/errors.ts';
import type { Actor } from '../core/seams/operation.ts';
import type { Credentials } from '../core/seams/processes.ts';
import { changeSecurity, requireMayLoosen } from './change-security.ts';
import type { Instance } from './instance.ts';
import type { InstanceServices } from './services.ts';

/** A network file system that went away answers never. */
const closeLimitMs = 30_000;

/**
 * Gives a file or device to an instance: rule, access list, node and device map together, at once where its machine
 * runs. A path that was given already gets the new mode.
 *
 * @throws HelperError grant.denied
 */
export async function grant(services: InstanceServices, actor: Actor, { name, ...request }: GrantParams, signal: AbortSignal): Promise<Instance> {
  const instance = services.registry.require(name, actor, 'change the confinement of');
  await requireMayLoosen(services, actor, instance);
  const { files, runner } = services;
  const ownDirectories = [files.stateDirectory, files.runDirectory, services.hostSecurity.directory];
  const found = await resolveGrant(request, actor, { runner, assetsDirectory, ownDirectories, signal });
  if (found.kind === 'file') await openFor(found.path, found.mode, { giver: actor, machine: await userOf(services, instance), runner, signal });
  const given: AccessGrant = { ...found, grantedBy: actor.uid, grantedAt: new Date().toISOString() };
  await changeSecurity(services, instance, ({ grants, ...settings }) => ({ ...settings, grants: [...grants.filter(({ path }) => path !== given.path), given] }));
  return instance;
}

/**
 * Takes back what was given.
 * @throws HelperError grant.not-found; grant.in-use where the machine has it open
 */
export async function revoke(services: InstanceServices, actor: Actor, { name, path }: RevokeParams): Promise<Instance> {
  const instance = services.registry.require(name, actor, 'change the confinement of');
  const given = instance.security.grants.find((each) => each.path === path);
  if (!given) throw new HelperError('grant.not-found', { name, path });
  if (await instance.boot?.machine.hasOpen(path)) throw new HelperError('grant.in-use', { name, path });
  await changeSecurity(services, instance, ({ grants, ...settings }) => ({ ...settings, grants: grants.filter((each) => each.path !== path) }));
  await closeGrant(services, instance, given);
  return instance;
}

/** Takes an instance's entries off the files of others: it is gone for good. What cannot be reached any more is passed over. */
export async function closeAllGrants(services: Pick<InstanceServices, 'hostSecurity' | 'runner' | 'log'>, instance: Instance): Promise<void> {
  for (const given of instance.security.grants) {
    await closeGrant(services, instance, given, []).catch((error: unknown) => {
      services.log.warn({ instance: instance.name, path: given.path, reason: messageOf(error) }, 'an access list still names the user of a removed instance');
    });
  }
}

/** With the rights of who gave it. */
async function closeGrant(services: Pick<InstanceServices, 'hostSecurity' | 'runner'>, instance: Instance, { kind, path, grantedBy }: AccessGrant, left: readonly AccessGrant[] = instance.security.grants): Promise<void> {
  if (kind !== 'file') return;
  const giver = { uid: grantedBy, gid: instance.record.owner.uid === grantedBy ? instance.record.owner.gid : grantedBy };
  await closeFor(path, left.map((each) => each.path), { giver, machine: await userOf(services, instance), runner: services.runner, signal: AbortSignal.timeout(closeLimitMs) });
}

/** The user that the instance's machine runs as: its own, or the administrator's choice. */
async function userOf({ hostSecurity }: Pick<InstanceServices, 'hostSecurity'>, { record }: Instance): Promise<Credentials> {
  return { ...record.runAs, ...(await hostSecurity.policy()).accounts };
}
