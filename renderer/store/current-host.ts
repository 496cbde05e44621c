// SPDX-License-Identifier: MIT
import { createContext, useContext } from 'react';
import { localHost, type HostId } from '#contract/hosts.ts';
import { hostPart, type HostPart } from './host-part.ts';
import { useBerth } from './index.ts';

/** The host that the open screen is about. */
export const CurrentHostContext = createContext<HostId>(localHost);

export function useHost(): HostId {
  return useContext(CurrentHostContext);
}

/** Reads what the current host has; `selector` picks a value that is the same until it changes. */
export function useHostPart<T>(selector: (part: HostPart) => T): T {
  const host = useHost();
  return useBerth((state) => selector(hostPart(state, host)));
}
