// SPDX-License-Identifier: MIT
import type { MachineSpec } from '../../core/seams/machine-spec.ts';

/** When the firmware looks at a device, as its option says it; nothing for one that it passes by. */
export function bootIndex({ bootOrder }: MachineSpec, device: string): { readonly bootindex?: number } {
  const place = bootOrder.indexOf(device);
  return place < 0 ? {} : { bootindex: place + 1 };
}
