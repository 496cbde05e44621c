// SPDX-License-Identifier: MIT
import { z } from 'zod';
import { instanceName } from './names.ts';

export const nameParams = z.strictObject({ name: instanceName });
export type NameParams = z.output<typeof nameParams>;

export const startParams = z.strictObject({
  name: instanceName,
  /** Consent to run without AppArmor, which is remembered; absent: as it was. */
  isAllowedWithoutAppArmor: z.boolean().optional(),
  /** Boots it anew where it is suspended: its saved memory is lost, its disk is kept. */
  isCold: z.boolean().optional(),
});
export type StartParams = z.output<typeof startParams>;

export const stopParams = z.strictObject({
  name: instanceName,
  /** Ends QEMU at once, as pulling the plug would; of a suspended one it discards the saved memory. */
  force: z.boolean().default(false),
  /** How long the guest may take to shut down before the operation fails with guest.stop-timeout. */
  timeoutSeconds: z.int().min(1).max(3600).optional(),
});
