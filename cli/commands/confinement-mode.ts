// SPDX-License-Identifier: MIT
import type { ConfinementMode } from '#contract/security.ts';
import { say } from '#messages/say.ts';
import type { CommandContext } from '../command-context.ts';
import { tell } from '../output.ts';

/**
 * `berth complain` and `berth enforce`: whether the profile of an instance only reports what it would refuse; at once,
 * also while it runs.
 */
export async function setMode(context: CommandContext, name: string, mode: ConfinementMode): Promise<void> {
  const connection = await context.connect();
  const { model, modelReason } = await connection.request('instances.set-security', { name, mode });
  if (model === 'none')
    tell(say('cli.complain.no-profile', { reason: modelReason ?? say('cli.complain.no-apparmor') }));
  else if (mode === 'complain') tell(say('cli.complain.until', { name }));
}
