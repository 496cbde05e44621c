// SPDX-License-Identifier: MIT
import type { Facet } from '../../core/seams/instances.ts';
import type { Instance } from '../instance/instance.ts';
import type { InstanceServices } from '../instance/services.ts';
import { bootFacet } from './facets/boot.ts';
import { confinementFacet } from './facets/confinement.ts';
import { figuresFacet } from './facets/figures.ts';
import { labelFacet } from './facets/label.ts';
import { lastErrorFacet } from './facets/last-error.ts';
import { networkFacet } from './facets/network.ts';
import { recordFacet } from './facets/record.ts';
import { settingsFacet } from './facets/settings.ts';

/** The facets that no part of its own tells. */
export function ownFacets(
  services: Pick<InstanceServices, 'files' | 'hostSecurity' | 'network' | 'operations'>,
): readonly Facet<Instance>[] {
  return [
    recordFacet,
    settingsFacet,
    bootFacet,
    lastErrorFacet(),
    networkFacet(services),
    confinementFacet,
    labelFacet(services),
    figuresFacet(services),
  ];
}
