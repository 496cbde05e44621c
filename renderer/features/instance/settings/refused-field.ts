// SPDX-License-Identifier: MIT
import { describeError, type HelperErrorData } from '#contract/errors.ts';
import type { InstanceSetting } from '#contract/instance-settings.ts';

/** What the helper refuses is said beside the field that it is about. */
const fields: Readonly<Record<string, InstanceSetting>> = {
  'instance.stop-needed': 'diskBytes',
  'instance.disk-too-small': 'diskBytes',
  'host.too-little-memory': 'memoryBytes',
};

/** Undefined where the refusal is about no single field. */
export function fieldOfRefusal(
  refusal: HelperErrorData | undefined,
): { readonly setting: InstanceSetting; readonly words: string } | undefined {
  const setting = refusal && fields[refusal.code];
  return setting && { setting, words: describeError(refusal).message };
}
