// SPDX-License-Identifier: MIT
/** What Berth needs every guest to have. */
export interface GuestIdentity {
  readonly hostName: string;
  readonly user: string;
  readonly authorizedKey: string;
  /** The guest's host key, made by us so that it can be pinned before the first connection. */
  readonly hostKey: { readonly privateKey: string; readonly publicKey: string };
  readonly timeZone?: string | undefined;
}
