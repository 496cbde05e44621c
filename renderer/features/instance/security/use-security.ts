// SPDX-License-Identifier: MIT
import { useCallback, useEffect, useState } from 'react';
import type { HostInstance } from '#contract/host-keys.ts';
import type { DenialList } from '#contract/denials.ts';
import type { HelperErrorData } from '#contract/errors.ts';
import type { InstanceSecurity } from '#contract/security.ts';
import { errorDataOf, request } from '../../../api/client.ts';

export interface SecurityView {
  readonly security: InstanceSecurity | undefined;
  readonly denials: DenialList | undefined;
  /** What was refused to Berth's own programs, which serve this instance too. */
  readonly ownDenials: DenialList | undefined;
  /** Why nothing is known yet. */
  readonly failure: HelperErrorData | undefined;
  /** Measures and reads again; for what no event tells, such as a change of the processes themselves. */
  readonly look: () => Promise<void>;
}

/**
 * How the instance is confined, what it and Berth itself were refused, asked anew whenever its summary changed. The
 * last answer stays until the next.
 */
export function useSecurity(instance: HostInstance): SecurityView {
  const [security, setSecurity] = useState<InstanceSecurity | undefined>();
  const [denials, setDenials] = useState<DenialList | undefined>();
  const [ownDenials, setOwnDenials] = useState<DenialList | undefined>();
  const [failure, setFailure] = useState<HelperErrorData | undefined>();
  const { host, name } = instance;
  const look = useCallback(async () => {
    // A question that fails leaves what was known; a lost helper has its own banner.
    await Promise.all([
      request(host, 'instances.security', { name }).then(setSecurity, (error: unknown) =>
        setFailure(errorDataOf(error)),
      ),
      request(host, 'denials.list', { name }).then(setDenials, () => undefined),
      request(host, 'denials.own', {}).then(setOwnDenials, () => undefined),
    ]);
  }, [host, name]);
  useEffect(() => void look(), [look, instance]);
  return { security, denials, ownDenials, failure, look };
}
