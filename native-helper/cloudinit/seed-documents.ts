// SPDX-License-Identifier: MIT
import { stringify } from 'yaml';
import { userDataKind } from '#contract/user-data.ts';
import type { DocumentReport } from './check/check-document.ts';
import type { GuestIdentity } from './guest-identity.ts';
import { foreignPart, multipart, textPart } from './multipart.ts';
import { wayIn } from './way-in.ts';

export interface SeedDocuments {
  readonly metaData: string;
  readonly userData: Uint8Array;
  readonly vendorData: Uint8Array;
}

/** A document of a user's, and what was read in it. */
export interface CheckedDocument {
  readonly bytes: Uint8Array;
  readonly report: DocumentReport;
}

const marker = '#cloud-config';
const nothing = Buffer.from(`${marker}\n{}\n`);

/**
 * The documents of the seed. The user's stays what it is, byte for byte. Ours goes beside it: the key as meta-data,
 * which gives it to cloud-init's own default user; defaults and what holds the way in open as vendor data, which the
 * user's word overrides.
 */
export function seedDocuments(
  identity: GuestIdentity,
  instanceId: string,
  document: CheckedDocument | undefined,
): SeedDocuments {
  return {
    metaData: stringify(
      {
        'instance-id': instanceId,
        'local-hostname': identity.hostName,
        'public-keys': [identity.authorizedKey],
        'berth-user': identity.user,
      },
      { lineWidth: 0 },
    ),
    userData: userData(identity, document),
    vendorData: multipart([textPart('text/cloud-config', 'berth-config', ownConfig(identity)), wayInPart(identity)]),
  };
}

/**
 * One that keeps vendor data out does not come alone: what holds the way in open comes behind it, which leaves its
 * parts their names.
 */
function userData(identity: GuestIdentity, document: CheckedDocument | undefined): Uint8Array {
  if (document === undefined) return nothing;
  const { bytes, report } = document;
  if (!report.keepsVendorDataOut) return bytes;
  const isPacked = userDataKind(bytes) === 'gzip';
  const own = report.isMime ? bytes : foreignPart(isPacked ? 'application/x-gzip' : 'text/plain', bytes);
  return multipart([own, wayInPart(identity)]);
}

function wayInPart(identity: GuestIdentity): Buffer {
  return textPart('text/cloud-boothook', 'berth-way-in', wayIn(identity));
}

function ownConfig(identity: GuestIdentity): string {
  const { hostKey, timeZone } = identity;
  return `${marker}\n${stringify(
    {
      manage_etc_hosts: true,
      ssh_pwauth: false,
      ssh_keys: { ed25519_private: hostKey.privateKey, ed25519_public: hostKey.publicKey },
      ...(timeZone === undefined ? {} : { timezone: timeZone }),
    },
    { lineWidth: 0 },
  )}`;
}
