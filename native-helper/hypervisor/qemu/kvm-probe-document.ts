// SPDX-License-Identifier: MIT
import { z } from 'zod';
import { documentKind } from '../../store/document.ts';

/** Whether KVM ran a guest in this boot of the host. It is asked anew where this cannot be used. */
export const kvmProbeDocument = documentKind(
  z.object({
    schema: z.literal(1),
    hostBootId: z.string(),
    qemuVersion: z.string(),
    isUsable: z.boolean(),
    reason: z.string(),
  }),
);
