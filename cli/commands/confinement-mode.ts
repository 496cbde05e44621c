// SPDX-License-Identifier: MIT
import type { ConfinementMode } from '#contract/security.ts';
import type { CommandContext } from '../command-context.ts';
import { say } from '../output.ts';

/**
 * `berth complain` and `berth enforce`: whether the profile of an instance only reports what it would refuse; at once,
 * also while it runs.
 */
export async function setMode(context: CommandContext, name: string, mode: ConfinementMode): Promise<void> {
  const connection = await context.connect();
  const { model, modelReason } = await connection.request('instances.set-security', { name, mode });
  if (model === 'none') say(`It is remembered. Now no profile is in force: ${modelReason ?? 'no AppArmor'}.`);
  else if (mode === 'complain')
    say(`What the profile of ${name} would refuse is let through and reported until: berth enforce ${name}`);
}
