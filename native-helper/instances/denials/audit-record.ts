// SPDX-License-Identifier: MIT

/** One audit record of AppArmor, its values decoded. */
export interface AuditRecord {
  /** The number that the kernel gave it; rises by one with each audit record since the boot of the host. */
  readonly serial: number;
  readonly at: Date;
  /** `DENIED`; `ALLOWED` in complain mode, for what would have been denied; `STATUS`, `AUDIT`, … for the rest. */
  readonly verdict: string;
  readonly fields: ReadonlyMap<string, string>;
  /** Names of fields whose bytes are no text, or were cut off by the kernel: their values are not exact. */
  readonly inexact: ReadonlySet<string>;
}

/**
 * Values that the kernel writes by audit_log_untrustedstring (kernel/audit.c): quoted, or in hex where they hold
 * anything unusual.
 */
const untrusted: ReadonlySet<string> = new Set([
  'profile',
  'name',
  'comm',
  'target',
  'peer',
  'label',
  'srcname',
  'peer_profile',
  'addr',
  'peer_addr',
]);

/**
 * Reads a line of the kernel's log (`audit: type=1400 audit(1795684238.572:21): apparmor="DENIED" …`) or of auditd's
 * file (`type=AVC msg=audit(1795684238.572:21): apparmor="DENIED" …`). Undefined for a line that is no record of
 * AppArmor.
 */
export function parseAuditRecord(line: string): AuditRecord | undefined {
  const [whole, seconds, serial] = /\baudit\((\d+\.\d+):(\d+)\): (?=apparmor=)/.exec(line) ?? [];
  if (whole === undefined || seconds === undefined || serial === undefined) return undefined;
  const { fields, inexact } = parseFields(line.slice(line.indexOf(whole) + whole.length));
  const verdict = fields.get('apparmor');
  if (verdict === undefined) return undefined;
  return { serial: Number(serial), at: new Date(Math.round(Number(seconds) * 1000)), verdict, fields, inexact };
}

/** `key="value" key=value …`. auditd appends its own interpretation behind a group separator; it is left out. */
function parseFields(text: string): Pick<AuditRecord, 'fields' | 'inexact'> {
  const [own = ''] = text.split('\u001d', 1);
  const found = [...own.matchAll(/([A-Za-z_]+)=(?:"([^"]*)("|$)|(\S*))/g)].map(
    ([, key = '', quoted, end = '', plain = '']) => ({
      key,
      ...(quoted === undefined ? decoded(key, plain) : { value: quoted, isExact: end === '"' }),
    }),
  );
  return {
    fields: new Map(found.map(({ key, value }) => [key, value])),
    inexact: new Set(found.filter(({ isExact }) => !isExact).map(({ key }) => key)),
  };
}

/** Hex that ends in half a byte was cut off; bytes that are no UTF-8 are shown, and known to be so. */
function decoded(key: string, plain: string): { readonly value: string; readonly isExact: boolean } {
  if (!untrusted.has(key) || !/^[0-9A-Fa-f]+$/.test(plain)) return { value: plain, isExact: true };
  const bytes = Buffer.from(plain, 'hex');
  const value = bytes.toString('utf8');
  return { value, isExact: plain.length % 2 === 0 && Buffer.from(value, 'utf8').equals(bytes) };
}
