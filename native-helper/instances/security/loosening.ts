// SPDX-License-Identifier: MIT
import type { ToldSecuritySettings, SetSecurityParams } from '#contract/security.ts';
import { sentence } from '#messages/say.ts';
import type { Sentence } from '#messages/sentence.ts';
import { refusedArgument, refusedVariable, type UserRight } from '../../confinement/administrator/users-may.ts';
import { HelperError } from '../../core/errors.ts';
import type { Reason } from '../../core/said-error.ts';
import type { Actor } from '../../core/seams/operation.ts';
import type { Instance } from '../instance/instance.ts';
import type { InstanceServices } from '../instance/services.ts';

type Policies = Pick<InstanceServices, 'hostSecurity'>;
/** What of the settings is root's to decide, unless the administrator lets users. */
type Loosening = Pick<ToldSecuritySettings, 'mode' | 'qemu'>;

const words: Readonly<Record<UserRight, Sentence>> = {
  'qemu-args': sentence('security.own-qemu-arguments'),
  'qemu-env': sentence('security.own-qemu-variables'),
  complain: sentence('security.profile-only-reports'),
};

/**
 * Refuses to a user what is root's to decide on his instances.
 * @throws HelperError confinement.root-only
 */
export async function requireMayDecide(
  services: Policies,
  { uid }: Pick<Actor, 'uid'>,
  { name }: Instance,
  { mode, qemu }: SetSecurityParams,
): Promise<void> {
  const wanted: Loosening = { mode: mode ?? 'enforce', qemu: { args: qemu?.args ?? [], env: qemu?.env ?? {} } };
  if (uid !== 0) await refuseUnlessLet(services, name, wanted);
}

/**
 * As {@link requireMayDecide}, for what was decided when there was another rule: by a version that let every owner, or
 * before the administrator changed his mind. The settings stay as they are.
 * @throws HelperError confinement.root-only
 */
export async function requireDecidedByRoot(services: Policies, { name, record, security }: Instance): Promise<void> {
  const by = (what: keyof NonNullable<ToldSecuritySettings['loosenedBy']>): number =>
    security.loosenedBy?.[what] ?? record.owner.uid;
  const { args, env } = security.qemu;
  await refuseUnlessLet(services, name, {
    mode: by('mode') === 0 ? 'enforce' : security.mode,
    qemu: { args: by('args') === 0 ? [] : args, env: by('env') === 0 ? {} : env },
  });
}

/** Who decided what is named now; what is taken away nobody decided. */
export function decidedBy(
  uid: number,
  before: ToldSecuritySettings,
  { mode, qemu }: SetSecurityParams,
): Pick<ToldSecuritySettings, 'loosenedBy'> {
  const loosenedBy = {
    ...before.loosenedBy,
    ...(mode === undefined ? {} : { mode: uid }),
    ...(qemu?.args === undefined ? {} : { args: uid }),
    ...(qemu?.env === undefined ? {} : { env: uid }),
  };
  return { loosenedBy };
}

async function refuseUnlessLet({ hostSecurity }: Policies, name: string, { mode, qemu }: Loosening): Promise<void> {
  const hasEnvironment = Object.keys(qemu.env).length > 0;
  if (mode === 'enforce' && qemu.args.length === 0 && !hasEnvironment) return;
  const { conf } = await hostSecurity.policy();
  const requireLet = (right: UserRight, reason: Reason | undefined): void => {
    if (!conf.usersMay.includes(right)) throw refusal(name, right, sentence('security.users-decide-nothing'));
    if (reason !== undefined) throw refusal(name, right, reason);
  };
  if (mode === 'complain') requireLet('complain', undefined);
  if (qemu.args.length > 0) requireLet('qemu-args', refusedArgument(qemu.args));
  if (hasEnvironment) requireLet('qemu-env', refusedVariable(qemu.env));
}

function refusal(name: string, right: UserRight, reason: Reason): HelperError {
  return new HelperError('confinement.root-only', { name, what: words[right], reason });
}
