// SPDX-License-Identifier: MIT
import type { MacAddress } from '#contract/names.ts';
import type { Logger } from '../core/log.ts';
import { hostSeed, type HostNetwork } from './host-network.ts';
import { loadNetworkState, saveNetworkState, type NetworkState } from './network-state.ts';
import { reserve } from './reservations.ts';
import { addressIn, chooseSubnet, toSubnet, type Subnet } from './subnet.ts';

interface SubnetPlanParts {
  readonly file: string;
  readonly host: HostNetwork;
  readonly log: Logger;
}

/** Which subnet is ours and who has which address in it, remembered over reboots. */
export class SubnetPlan {
  readonly #parts: SubnetPlanParts;
  #state: NetworkState | undefined;
  #subnet: Subnet | undefined;
  #isChanged = false;
  /** Not so beside a file of a later version. */
  #isKept = true;

  constructor(parts: SubnetPlanParts) {
    this.#parts = parts;
  }

  get gateway(): string | undefined {
    return this.#subnet?.gateway;
  }

  /** Undefined before the first {@link prepare}. */
  get subnet(): Subnet | undefined {
    return this.#subnet;
  }

  /** Settles the subnet (the bridge's own while it is up) and an address for each of `macs`; {@link save} keeps it. */
  async prepare(isBridgeUp: boolean, macs: readonly MacAddress[], signal: AbortSignal): Promise<Subnet> {
    let state = await this.#load();
    const subnet = isBridgeUp
      ? (this.#subnet ?? (await this.#parts.host.bridgeSubnet(signal)) ?? (await this.#choose(state, signal)))
      : await this.#choose(state, signal);
    const attached = new Set(macs);
    for (const mac of macs) {
      if (state.reservations.some((each) => each.mac === mac)) continue;
      state = { ...state, reservations: [...reserve(state.reservations, mac, (each) => attached.has(each))] };
    }
    if (state !== this.#state || state.subnet !== subnet.prefix) this.#isChanged = true;
    this.#state = { ...state, subnet: subnet.prefix };
    this.#subnet = subnet;
    return subnet;
  }

  addressOf(mac: MacAddress): string | undefined {
    const host = this.#state?.reservations.find((each) => each.mac === mac)?.host;
    return host === undefined || this.#subnet === undefined ? undefined : addressIn(this.#subnet, host);
  }

  async save(): Promise<void> {
    if (this.#state === undefined || !this.#isChanged || !this.#isKept) return;
    this.#state = await saveNetworkState(this.#parts.file, this.#state);
    this.#isChanged = false;
  }

  async forget(mac: MacAddress): Promise<void> {
    await this.retain((each) => each !== mac);
  }

  /** Gives free what is not wanted. What could not be saved is with the next call. */
  async retain(isWanted: (mac: MacAddress) => boolean): Promise<void> {
    const state = await this.#load();
    const reservations = state.reservations.filter(({ mac }) => isWanted(mac));
    if (reservations.length < state.reservations.length) {
      this.#state = { ...state, reservations };
      this.#isChanged = true;
    }
    await this.save();
  }

  async #load(): Promise<NetworkState> {
    if (this.#state === undefined) {
      const { state, isKept } = await loadNetworkState(this.#parts.file, this.#parts.log);
      this.#isKept = isKept;
      this.#state ??= state;
    }
    return this.#state;
  }

  async #choose(state: NetworkState, signal: AbortSignal): Promise<Subnet> {
    const [seed, used] = await Promise.all([hostSeed(), this.#parts.host.usedPrefixes(signal)]);
    const chosen = chooseSubnet({
      seed,
      used,
      remembered: state.subnet === undefined ? undefined : toSubnet(state.subnet)?.prefix,
    });
    if (chosen.prefix !== state.subnet)
      this.#parts.log.info({ subnet: chosen.prefix, former: state.subnet }, 'a subnet was chosen');
    return chosen;
  }
}
