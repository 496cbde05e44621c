// SPDX-License-Identifier: MIT
import { HelperError } from '../../core/errors.ts';

/**
 * Writes `key=value` options in QEMU's own syntax: values are separated by commas and a comma
 * in a value is doubled (qemu(1), "-drive": "a comma in a file name is doubled").
 * @throws HelperError internal.bug for a value with a NUL byte, which no argument can hold
 */
export function optionString(first: string, options: Readonly<Record<string, string | number>>): string {
  return [first, ...Object.entries(options).map(([key, value]) => `${key}=${escapeValue(String(value))}`)]
    .filter((part) => part !== '')
    .join(',');
}

function escapeValue(value: string): string {
  if (value.includes('\0')) throw new HelperError('internal.bug', { reason: 'a NUL byte in an option of QEMU' });
  return value.replaceAll(',', ',,');
}
