// SPDX-License-Identifier: MIT
import type { Facet } from '../../../core/seams/instances.ts';
import type { Instance } from '../../instance/instance.ts';

/** What was decided on the confinement, and the layers around the process as they are measured. */
export const confinementFacet: Facet<Instance> = {
  name: 'confinement',
  summary: ({ security }) => ({ security }),
  look: async ({ boot }) => (boot ? { confinement: [...(await boot.machine.confinement())] } : {}),
};
