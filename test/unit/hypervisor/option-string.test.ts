// SPDX-License-Identifier: MIT
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { optionString } from '../../../native-helper/hypervisor/qemu/option-string.ts';

/** QEMU's own reading (util/keyval.c, util/qemu-option.c): a doubled comma is one, a single one ends the value. */
function read(text: string): string[] {
  const values: string[] = [];
  let value = '';
  for (let i = 0; i < text.length; i += 1) {
    if (text[i] === ',' && text[i + 1] !== ',') {
      values.push(value);
      value = '';
    } else {
      value += text[i];
      if (text[i] === ',') i += 1;
    }
  }
  return [...values, value];
}

describe('optionString', () => {
  it('gives every value back as it was, whatever it holds', () => {
    fc.assert(
      fc.property(
        fc.string().filter((text) => !text.includes('\0')),
        fc.string().filter((text) => !text.includes('\0')),
        (path, name) => {
          expect(read(optionString('socket', { path, name, server: 'on' }))).toEqual([
            'socket',
            `path=${path}`,
            `name=${name}`,
            'server=on',
          ]);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('refuses a NUL byte', () => {
    expect(() => optionString('socket', { path: '/a\0b' })).toThrow(/NUL/);
  });

  it('has no empty first part', () => {
    expect(optionString('', { guest: 'vm1' })).toBe('guest=vm1');
  });
});
