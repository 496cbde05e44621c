// SPDX-License-Identifier: MIT
import type { InstanceName } from '#contract/names.ts';
import type { ToldGrant, ToldSecuritySettings } from '#contract/security.ts';
import { sentence } from '#messages/say.ts';
import { hiddenDirectories } from '../../confinement/launcher.ts';
import { HelperError } from '../../core/errors.ts';
import { KeyedLock } from '../../core/keyed-lock.ts';
import type { Actor } from '../../core/seams/operation.ts';
import type { MachineSecurity } from '../../core/seams/machine-spec.ts';
import { requireTellable } from '../instance/decided-bytes.ts';
import type { Instance } from '../instance/instance.ts';
import { machineSecurity } from './machine-settings.ts';
import { strictSettings } from './security-settings.ts';
import type { InstanceServices } from '../instance/services.ts';

const renewLimitMs = 60_000;
/** One change after the other: each is made from what the one before left. */
const changing = new KeyedLock<InstanceName>();

/**
 * Changes the settings, and the machine that runs as far as that needs no new start; first the machine, so that
 * nothing is remembered that could not be done.
 *
 * @throws HelperError as {@link requireTellable}
 */
export async function changeSecurity(
  services: InstanceServices,
  instance: Instance,
  change: (settings: ToldSecuritySettings) => ToldSecuritySettings,
): Promise<void> {
  await changing.hold(instance.name, async () => {
    const next = change(instance.security);
    requireTellable(instance.record, { security: next });
    const { boot } = instance;
    if (boot) await renew(services, boot, next);
    await services.registry.update(instance, ({ machine }) => ({
      security: next,
      ...(machine && boot ? { machine: { ...machine, spec: boot.spec } } : {}),
    }));
  });
}

/**
 * Where the administrator runs machines as root, only root may take anything of the confinement away: a machine
 * reads then what its owner could not.
 *
 * @throws HelperError auth.denied
 */
export async function requireMayLoosen(
  { hostSecurity }: Pick<InstanceServices, 'hostSecurity'>,
  actor: Pick<Actor, 'uid'>,
  { name }: Instance,
): Promise<void> {
  const { accounts } = await hostSecurity.policy();
  if (accounts.uid === 0 && actor.uid !== 0)
    throw new HelperError('auth.denied', {
      uid: actor.uid,
      action: sentence('action.loosen-confinement', { name }),
    });
}

/**
 * As {@link requireMayLoosen}, for what was decided before the administrator decided that.
 * @throws HelperError confinement.unavailable
 */
export async function requireStrictAsRoot(
  { hostSecurity }: Pick<InstanceServices, 'hostSecurity'>,
  { name, record, security }: Instance,
): Promise<void> {
  const { accounts, needsConsent } = await hostSecurity.policy();
  if (accounts.uid !== 0 || record.owner.uid === 0) return;
  const { mode, grants, qemu } = security;
  const isLoosened =
    mode === 'complain' ||
    grants.length > 0 ||
    qemu.args.length > 0 ||
    Object.keys(qemu.env).length > 0 ||
    needsConsent;
  if (isLoosened)
    throw new HelperError('confinement.unavailable', {
      layer: 'uid',
      reason: sentence('security.machines-run-as-root', { name }),
    });
}

async function renew(
  services: InstanceServices,
  boot: NonNullable<Instance['boot']>,
  next: ToldSecuritySettings,
): Promise<void> {
  const before = boot.spec;
  const security = before.security ?? machineSecurity(strictSettings);
  boot.spec = { ...before, security: { ...security, ...liveOf(next, security) } };
  try {
    await services.hypervisor.renew(boot.spec, boot.machine.process, AbortSignal.timeout(renewLimitMs));
  } catch (error) {
    boot.spec = before;
    throw error;
  }
}

/**
 * What can be changed while a machine runs. A file below a hidden directory is bound into the machine's at its start
 * only.
 */
function liveOf(
  { isAllowedWithoutAppArmor, mode, grants }: ToldSecuritySettings,
  before: MachineSecurity,
): Partial<MachineSecurity> {
  const isInSight = ({ path, kind }: ToldGrant): boolean =>
    kind === 'device' || !hiddenDirectories.some((directory) => path.startsWith(`${directory}/`));
  return {
    isAllowedWithoutAppArmor,
    mode,
    grants: grants.filter((each) => isInSight(each) || before.grants.some(({ path }) => path === each.path)),
  };
}
