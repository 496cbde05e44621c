// SPDX-License-Identifier: MIT
import { HelperError, toErrorData } from '../../core/errors.ts';
import type { Instance } from '../instance/instance.ts';
import type { InstanceServices } from '../instance/services.ts';

/** It stays as it is; its owner sees that what was asked was not done. */
export async function noteInterruption({ registry }: InstanceServices, instance: Instance): Promise<void> {
  await registry.update(instance, () => ({ lastError: interrupted() }));
}

/** As {@link noteInterruption}; and whoever was to end is not started again. */
export async function noteEnd({ registry }: InstanceServices, instance: Instance): Promise<void> {
  await registry.update(instance, () => ({ lastError: interrupted(), desired: 'stopped' }));
}

function interrupted(): ReturnType<typeof toErrorData> {
  return toErrorData(new HelperError('operation.interrupted'));
}
