// SPDX-License-Identifier: MIT
import { z } from 'zod';

/** A computer with a helper, as this user's desktop program calls it. Helpers themselves do not know it. */
export const hostId = z
  .string()
  .regex(/^[a-z](?:[a-z0-9-]{0,38}[a-z0-9])?$/)
  .brand<'HostId'>();
export type HostId = z.infer<typeof hostId>;

/** The computer that the window is on. */
export const localHost = hostId.parse('local');
