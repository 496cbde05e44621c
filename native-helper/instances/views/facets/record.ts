// SPDX-License-Identifier: MIT
import type { Facet } from '../../../core/seams/instances.ts';
import type { Instance } from '../../instance/instance.ts';

/** What the instance was made as. */
export const recordFacet: Facet<Instance> = {
  name: 'record',
  summary: ({ record }) => ({
    image: record.image.title,
    createdAt: record.createdAt,
    deletedAt: record.deletedAt,
    suspended: record.suspended && { at: record.suspended.at, memoryBytes: record.suspended.memory.bytes },
  }),
  details: ({ record }) => ({
    architecture: record.image.architecture,
    imageTitle: record.image.title,
    imageFingerprint: record.image.fingerprint,
    defaultUser: record.image.defaultUser,
    macAddress: record.mac,
    hostName: record.name,
  }),
};
