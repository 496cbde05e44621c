// SPDX-License-Identifier: MIT
import { consoleIndexDocument } from '../../../native-helper/console/console-index-document.ts';
import { kvmProbeDocument } from '../../../native-helper/hypervisor/qemu/kvm-probe-document.ts';
import { processDocument } from '../../../native-helper/hypervisor/qemu/process-document.ts';
import { originDocument } from '../../../native-helper/images/download/origin-document.ts';
import { firstUseDocument } from '../../../native-helper/images/download/first-use-document.ts';
import { imageDocument } from '../../../native-helper/images/vault/image-record.ts';
import { imageSettingsDocument } from '../../../native-helper/images/catalogue/settings-document.ts';
import { remoteListDocument } from '../../../native-helper/images/sources/remote-list-document.ts';
import { networkDocument } from '../../../native-helper/network/network-document.ts';
import { journalDocument } from '../../../native-helper/operations/journal-document.ts';
import { serverDocument } from '../../../native-helper/shares/virtiofs/server-document.ts';
import { denialDocument } from '../../../native-helper/store/denial-record.ts';
import type { DocumentKind } from '../../../native-helper/store/document.ts';
import { instanceDocument, secretsDocument } from '../../../native-helper/store/instance-record.ts';
import { ledgerDocument } from '../../../native-helper/store/ledger-record.ts';
import { counterDocument, machineUsers } from '../../../native-helper/store/user-counter.ts';

/** Every kind of file that the helper keeps, by what the golden records of it are named. */
export const documents: Readonly<Record<string, DocumentKind<object>>> = {
  'console-index': consoleIndexDocument,
  denials: denialDocument,
  'first-use': firstUseDocument,
  image: imageDocument,
  'image-settings': imageSettingsDocument,
  instance: instanceDocument,
  journal: journalDocument,
  'kvm-probe': kvmProbeDocument,
  'ledger-access': ledgerDocument,
  'ledger-machine': ledgerDocument,
  network: networkDocument,
  origin: originDocument,
  process: processDocument,
  'remote-list': remoteListDocument,
  secrets: secretsDocument,
  'share-server': serverDocument,
  users: counterDocument(machineUsers),
};
