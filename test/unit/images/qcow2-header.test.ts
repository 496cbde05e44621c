// SPDX-License-Identifier: MIT
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyOverlay } from '../../../native-helper/images/vault/qcow2-overlay.ts';
import { inspectedBytes, inspectQcow2 } from '../../../native-helper/images/convert/qcow2-header.ts';

const sizeBytes = 10 * 1024 ** 3;

/** A whole stand-alone header: the overlay's without its backing file. */
function header(change: (head: Buffer) => void = () => {}): Buffer {
  const file = emptyOverlay('/base', sizeBytes);
  file.writeBigUInt64BE(0n, 8);
  file.writeUInt32BE(0, 16);
  file.writeUInt32BE(0, 104); // ends the extensions
  change(file);
  return file;
}

const inspect = (file: Buffer): unknown => inspectQcow2(file.subarray(0, inspectedBytes), file.length, '/x');
const refusal = (reason: RegExp | string): unknown =>
  expect.objectContaining({
    code: 'image.unsupported-format',
    params: { path: '/x', reason: expect.stringMatching(reason) as unknown },
  });

describe('inspectQcow2', () => {
  it('takes a stand-alone image and tells its size', () => {
    expect(inspect(header())).toEqual({ virtualBytes: sizeBytes });
  });

  const hostile: readonly (readonly [string, (head: Buffer) => void, string])[] = [
    ['another magic', (head) => head.writeUInt32BE(0x4b444d56, 0), 'no qcow2'],
    ['version 1', (head) => head.writeUInt32BE(1, 4), 'version is 1'],
    [
      'a backing file',
      (head) => {
        head.writeBigUInt64BE(500n, 8);
        head.writeUInt32BE(11, 16);
      },
      'backing file',
    ],
    ['a backing file name of no length', (head) => head.writeBigUInt64BE(500n, 8), 'backing file'],
    ['clusters of 2^63 bytes', (head) => head.writeUInt32BE(63, 20), '2\\^63'],
    ['clusters of 2^3 bytes', (head) => head.writeUInt32BE(3, 20), '2\\^3'],
    ['no bytes', (head) => head.writeBigUInt64BE(0n, 24), 'no bytes'],
    ['more than 16 TiB', (head) => head.writeBigUInt64BE(2n ** 45n, 24), '16 TiB'],
    ['all bits of the size set', (head) => head.writeBigUInt64BE(2n ** 64n - 1n, 24), '16 TiB'],
    ['AES encryption', (head) => head.writeUInt32BE(1, 32), 'encrypted'],
    ['LUKS encryption', (head) => head.writeUInt32BE(2, 32), 'encrypted'],
    ['an external data file', (head) => head.writeBigUInt64BE(4n, 72), 'another file'],
    ['the corrupt mark', (head) => head.writeBigUInt64BE(2n, 72), 'corrupt'],
    ['unknown features', (head) => head.writeBigUInt64BE(1n << 40n, 72), 'not known'],
    [
      'a data file extension',
      (head) => {
        head.writeUInt32BE(0x44415441, 104);
        head.writeUInt32BE(8, 108);
      },
      'another file',
    ],
    ['an encryption extension', (head) => head.writeUInt32BE(0x0537be77, 104), 'encrypted'],
    ['a header of 4 GiB', (head) => head.writeUInt32BE(0xfffffff8, 100), 'header claims'],
    [
      'an extension beyond the header',
      (head) => {
        head.writeUInt32BE(0x12345678, 104);
        head.writeUInt32BE(0xffffffff, 108);
      },
      'beyond the header',
    ],
    ['a short first-level table', (head) => head.writeUInt32BE(1, 36), 'too short'],
    ['an absurd first-level table', (head) => head.writeUInt32BE(0xffffffff, 36), 'absurdly long'],
    ['a first-level table beyond the end', (head) => head.writeBigUInt64BE(2n ** 62n, 40), 'cut short'],
    ['reference counts beyond the end', (head) => head.writeBigUInt64BE(2n ** 62n, 48), 'cut short'],
  ];
  it.each(hostile)('refuses %s', (_, change, reason) => {
    expect(() => inspect(header(change))).toThrow(refusal(reason) as Error);
  });

  it('refuses every cut of a good file within its tables', () => {
    const whole = header();
    fc.assert(
      fc.property(fc.nat(3 * 65536), (length) => {
        expect(() => inspect(whole.subarray(0, length))).toThrow(
          expect.objectContaining({ code: 'image.unsupported-format' }) as Error,
        );
      }),
    );
  });

  it('answers any bytes with a size or a refusal', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 0, maxLength: 600 }), fc.boolean(), (bytes, isMarked) => {
        const file = Buffer.from(bytes);
        if (isMarked && file.length >= 8) {
          file.writeUInt32BE(0x514649fb, 0);
          file.writeUInt32BE(3, 4);
        }
        try {
          inspect(file);
        } catch (error) {
          expect(error).toMatchObject({ code: 'image.unsupported-format' });
        }
      }),
      { numRuns: 1000 },
    );
  });
});
