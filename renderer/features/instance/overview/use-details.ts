// SPDX-License-Identifier: MIT
import { useEffect, useState } from 'react';
import { keyOf, type HostInstance } from '#contract/host-keys.ts';
import type { InstanceDetails } from '#contract/instances.ts';
import { request } from '../../../api/client.ts';
import { useBerth } from '../../../store/index.ts';

/**
 * What only `instances.info` tells, asked again whenever the instance's summary changed or a phase
 * ended. The last answer stays until the next one; a failed question leaves it as it was.
 */
export function useDetails(instance: HostInstance): InstanceDetails | undefined {
  const [details, setDetails] = useState<InstanceDetails | undefined>();
  const ended = useBerth(
    (state) => state.phases[keyOf(instance)]?.phases.filter((phase) => phase.endedAt !== undefined).length ?? 0,
  );
  useEffect(() => {
    let isCurrent = true;
    request(instance.host, 'instances.info', { name: instance.name }).then(
      (answer) => {
        if (isCurrent) setDetails(answer);
      },
      // The summary is shown without them; a lost helper has its own banner.
      () => undefined,
    );
    return () => {
      isCurrent = false;
    };
  }, [instance, ended]);
  return details;
}
