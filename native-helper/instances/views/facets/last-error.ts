// SPDX-License-Identifier: MIT
import { helperErrorData, type HelperErrorData } from '#contract/errors.ts';
import type { Facet } from '../../../core/seams/instances.ts';
import type { InstanceRecord } from '../../../store/instance-record.ts';
import type { Instance } from '../../instance/instance.ts';

/** Why the last launch, start or stop failed; each is read once, however often it is told. */
export function lastErrorFacet(): Facet<Instance> {
  const read = new WeakMap<NonNullable<InstanceRecord['lastError']>, HelperErrorData>();
  return {
    name: 'last error',
    summary: ({ record: { lastError } }) => {
      if (!lastError) return {};
      let told = read.get(lastError);
      if (!told) read.set(lastError, (told = helperErrorData.parse(lastError)));
      return { lastError: told };
    },
  };
}
