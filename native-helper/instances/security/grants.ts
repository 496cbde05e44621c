// SPDX-License-Identifier: MIT
import type { ToldGrant, GrantParams, RevokeParams } from '#contract/security.ts';
import { closeFor, openFor } from '../../confinement/grants/file-access.ts';
import { knownMode } from '../../confinement/known-mode.ts';
import { resolveGrant } from '../../confinement/grants/resolve-grant.ts';
import { assetsDirectory } from '../../core/assets.ts';
import { HelperError, messageOf, toHelperError } from '../../core/errors.ts';
import { KeyedLock } from '../../core/keyed-lock.ts';
import type { Actor } from '../../core/seams/operation.ts';
import type { Credentials } from '../../core/seams/processes.ts';
import type { InstanceRemains } from '../../store/instance-remains.ts';
import type { AccessNote } from '../../store/ledger-record.ts';
import { requireChangeable } from '../memory/suspended.ts';
import { changeSecurity, requireMayLoosen } from './change-security.ts';
import type { Instance } from '../instance/instance.ts';
import type { InstanceServices } from '../instance/services.ts';

/** A network file system that went away answers never. */
const closeLimitMs = 30_000;
/**
 * Of each user one after the other: a change takes programs, of Node too, and who asks for hundreds at once would have
 * as many run.
 */
const turns = new KeyedLock<Actor['uid']>();

/**
 * Gives a file or device to an instance: rule, access list, node and device map together, at once where its machine
 * runs. A path that was given already gets the new mode.
 *
 * @throws HelperError grant.denied, quota.exceeded
 */
export async function grant(
  services: InstanceServices,
  actor: Actor,
  params: GrantParams,
  signal: AbortSignal,
): Promise<Instance> {
  return await turns.hold(actor.uid, async () => await grantInTurn(services, actor, params, signal), signal);
}

async function grantInTurn(
  services: InstanceServices,
  actor: Actor,
  { name, ...request }: GrantParams,
  signal: AbortSignal,
): Promise<Instance> {
  signal.throwIfAborted();
  const instance = services.registry.require(name, actor, 'changeConfinement');
  requireChangeable(instance);
  await requireMayLoosen(services, actor, instance);
  const { files, runner } = services;
  const ownDirectories = [files.stateDirectory, files.runDirectory, services.hostSecurity.directory];
  const found = await resolveGrant(request, actor, { runner, assetsDirectory, ownDirectories, signal });
  const given: ToldGrant = { ...found, grantedBy: actor.uid, grantedAt: new Date().toISOString() };
  await noted(services, instance, given, async (machine) => {
    if (found.kind === 'file') await openFor(found.path, found.mode, { giver: actor, machine, runner, signal });
    await changeSecurity(services, instance, ({ grants, ...settings }) => {
      const others = grants.filter(({ path }) => path !== given.path);
      const owned = services.registry.ownedBy(instance.record.owner.uid).filter((each) => each !== instance);
      services.quotas.require(
        'max_grants',
        actor.uid,
        owned.reduce((sum, { security }) => sum + security.grants.length, others.length + 1),
      );
      return { ...settings, grants: [...others, given] };
    });
  });
  return instance;
}

/**
 * Takes back what was given.
 * @throws HelperError grant.not-found; grant.in-use where the machine has it open
 */
export async function revoke(services: InstanceServices, actor: Actor, params: RevokeParams): Promise<Instance> {
  return await turns.hold(actor.uid, async () => await revokeInTurn(services, actor, params));
}

async function revokeInTurn(services: InstanceServices, actor: Actor, { name, path }: RevokeParams): Promise<Instance> {
  const instance = services.registry.require(name, actor, 'changeConfinement');
  requireChangeable(instance);
  const given = instance.security.grants.find((each) => each.path === path);
  if (!given) throw new HelperError('grant.not-found', { name, path });
  if (await instance.boot?.machine.hasOpen(path)) throw new HelperError('grant.in-use', { name, path });
  await noted(services, instance, given, async (machine) => {
    await changeSecurity(services, instance, ({ grants, ...settings }) => ({
      ...settings,
      grants: grants.filter((each) => each.path !== path),
    }));
    await close(services, { given, machine, giver: giverOf(given, instance.record), left: instance.security.grants });
  });
  return instance;
}

/**
 * Takes an instance's entries off the files of others: it is gone for good. What is gone or cannot be reached any more
 * needs nothing.
 */
export async function closeAllGrants(
  services: Pick<InstanceServices, 'hostSecurity' | 'runner'>,
  remains: Pick<InstanceRemains, 'owner' | 'runAs' | 'security'>,
): Promise<void> {
  const { runAs, security } = remains;
  if (!runAs) return;
  const machine = await userOf(services, runAs);
  for (const given of security?.grants ?? [])
    await close(services, { given, machine, giver: giverOf(given, remains), left: [] });
}

/** Brings one access list to what the record says, whatever a change that did not come to its end left there. */
export async function settleAccess(
  services: InstanceServices,
  { instance: id, machine, giver, path }: AccessNote,
): Promise<void> {
  const instance = services.registry.all().find(({ record }) => record.id === id);
  const grants = instance?.security.grants ?? [];
  const recorded = grants.find((each) => each.path === path);
  await close(services, {
    given: { kind: 'file', path },
    machine,
    giver,
    left: grants.filter((each) => each !== recorded),
  });
  const mode = recorded && knownMode(recorded);
  if (recorded && mode !== undefined)
    await openFor(path, mode, {
      giver: giverOf(recorded, instance?.record ?? {}),
      machine,
      runner: services.runner,
      signal: AbortSignal.timeout(closeLimitMs),
    });
}

/**
 * Does what changes an access list, noted before it is begun: a helper that dies over it leaves the next one to bring
 * list and record together.
 */
async function noted(
  services: InstanceServices,
  { record }: Instance,
  given: ToldGrant,
  change: (machine: Credentials) => Promise<void>,
): Promise<void> {
  const machine = await userOf(services, record.runAs);
  if (given.kind !== 'file') return await change(machine);
  const giver = giverOf(given, record);
  const note = await services.ledger.note({
    schema: 2,
    kind: 'access',
    instance: record.id,
    machine,
    giver,
    path: given.path,
  });
  try {
    await change(machine);
  } catch (error) {
    const isSettled = await settleAccess(services, note.entry).then(
      () => true,
      (fault: unknown) => {
        services.log.warn(
          { path: given.path, reason: messageOf(fault) },
          'an access list could not be brought back; the next start tries again',
        );
        return false;
      },
    );
    // a record whose write failed may be on the disk all the same: the next start knows
    if (isSettled && !toHelperError(error).code.startsWith('storage.')) await services.ledger.strike(note);
    throw error;
  }
  await services.ledger.strike(note);
}

interface Closing {
  readonly given: Pick<ToldGrant, 'kind' | 'path'>;
  readonly machine: Credentials;
  readonly giver: Credentials;
  /** Grants that stay: folders on the way to them keep their entries. */
  readonly left: readonly ToldGrant[];
}

async function close(
  { runner }: Pick<InstanceServices, 'runner'>,
  { given, machine, giver, left }: Closing,
): Promise<void> {
  if (given.kind !== 'file') return;
  await closeFor(
    given.path,
    left.map(({ path }) => path),
    { giver, machine, runner, signal: AbortSignal.timeout(closeLimitMs) },
  );
}

/** With the rights of who gave it. */
function giverOf({ grantedBy }: Pick<ToldGrant, 'grantedBy'>, { owner }: Pick<InstanceRemains, 'owner'>): Credentials {
  return { uid: grantedBy, gid: owner?.uid === grantedBy ? owner.gid : grantedBy };
}

/** The user that the instance's machine runs as: its own, or the administrator's choice. */
async function userOf(
  { hostSecurity }: Pick<InstanceServices, 'hostSecurity'>,
  runAs: Credentials,
): Promise<Credentials> {
  return { ...runAs, ...(await hostSecurity.policy()).accounts };
}
