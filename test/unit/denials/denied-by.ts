// SPDX-License-Identifier: MIT
import { parseAuditRecord } from '../../../native-helper/instances/denials/audit-record.ts';
import { deniedAccess, type DeniedAccess } from '../../../native-helper/instances/denials/denied-access.ts';
import { samples } from './samples.ts';

/** What a line says was denied; a line that says nothing of the kind fails the test. */
export function deniedBy(line: string): DeniedAccess {
  const record = parseAuditRecord(line);
  const denied = record && deniedAccess(record);
  if (!denied) throw new Error(`no denial: ${line}`);
  return denied;
}

/** A line about a file that QEMU was refused. */
export function fileLine(path: string, mask = 'r', operation = 'open'): string {
  return samples.home
    .replace('/home/mia/disc.iso', () => path)
    .replaceAll('mask="r"', `mask="${mask}"`)
    .replace('operation="open"', `operation="${operation}"`);
}
