// SPDX-License-Identifier: MIT
import { useCallback, useEffect, useState } from 'react';
import type { DenialList } from '#contract/denials.ts';
import type { InstanceSummary } from '#contract/instances.ts';
import type { InstanceSecurity } from '#contract/security.ts';
import { request } from '../../../api/client.ts';

export interface SecurityView {
  readonly security: InstanceSecurity | undefined;
  readonly denials: DenialList | undefined;
  /** Measures and reads again; for what no event tells, such as a change of the processes themselves. */
  readonly look: () => Promise<void>;
}

/** How the instance is confined and what it was refused, asked anew whenever its summary changed. The last answer stays until the next. */
export function useSecurity(instance: InstanceSummary): SecurityView {
  const [security, setSecurity] = useState<InstanceSecurity | undefined>();
  const [denials, setDenials] = useState<DenialList | undefined>();
  const { name } = instance;
  const look = useCallback(async () => {
    // A question that fails leaves what was known; a lost helper has its own banner.
    const [measured, refused] = await Promise.all([request('instances.security', { name }).catch(() => undefined), request('denials.list', { name }).catch(() => undefined)]);
    if (measured !== undefined) setSecurity(measured);
    if (refused !== undefined) setDenials(refused);
  }, [name]);
  useEffect(() => void look(), [look, instance]);
  return { security, denials, look };
}
