// SPDX-License-Identifier: MIT
import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import { randomBytes } from 'node:crypto';

export interface SshKeyPair {
  /** OpenSSH's own private key format, unencrypted. */
  readonly privateKey: string;
  /** One line: `ssh-ed25519 AAAA… comment`. */
  readonly publicKey: string;
}

const keyType = 'ssh-ed25519';

/**
 * An ed25519 pair in OpenSSH's formats (PROTOCOL.key of OpenSSH; RFC 8709 for the public part). Node
 * makes the keys; only the envelope is written here, because Node exports none that sshd takes.
 */
export async function generateSshKeyPair(comment: string): Promise<SshKeyPair> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('ed25519');
  const point = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  const seed = Buffer.from(privateKey.export({ format: 'jwk' }).d ?? '', 'base64url');
  const publicBlob = Buffer.concat([sshString(keyType), sshString(point)]);
  return {
    privateKey: armour(privateBlob(publicBlob, point, seed, comment)),
    publicKey: `${keyType} ${publicBlob.toString('base64')} ${comment}`,
  };
}

function privateBlob(publicBlob: Buffer, point: Buffer, seed: Buffer, comment: string): Buffer {
  const check = randomBytes(4);
  const secret = Buffer.concat([
    check,
    check,
    sshString(keyType),
    sshString(point),
    sshString(Buffer.concat([seed, point])),
    sshString(comment),
  ]);
  const padding = Buffer.from(Array.from({ length: (8 - (secret.length % 8)) % 8 }, (_, index) => index + 1));
  return Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    sshString('none'),
    sshString('none'),
    sshString(''),
    uint32(1),
    sshString(publicBlob),
    sshString(Buffer.concat([secret, padding])),
  ]);
}

function armour(blob: Buffer): string {
  const lines = blob.toString('base64').match(/.{1,70}/g) ?? [];
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines.join('\n')}\n-----END OPENSSH PRIVATE KEY-----\n`;
}

function sshString(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([uint32(bytes.length), bytes]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
