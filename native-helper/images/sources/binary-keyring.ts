// SPDX-License-Identifier: MIT

const begin = '-----BEGIN PGP PUBLIC KEY BLOCK-----';
const block =
  /-----BEGIN PGP PUBLIC KEY BLOCK-----\r?\n(?:[^\r\n]+\r?\n)*\s*\r?\n([A-Za-z0-9+/=\r\n]+?)(?:\r?\n=[A-Za-z0-9+/]{4})?\r?\n-----END PGP PUBLIC KEY BLOCK-----/g;

/**
 * A keyring as gpgv(1) reads it. Distributions that use RPM install theirs in ASCII armour (RFC 9580
 * section 6.2), which gpgv of GnuPG 2.2 does not take; one file may hold several blocks.
 */
export function binaryKeyring(file: Buffer): Buffer {
  if (!file.includes(begin)) return file;
  return Buffer.concat(
    [...file.toString('latin1').matchAll(block)].map(([, body]) => Buffer.from(body ?? '', 'base64')),
  );
}
