// SPDX-License-Identifier: MIT
import { statusCode } from '#contract/sftp.ts';
import type { PlainTextId } from '#messages/en/index.ts';
import { say } from '#messages/say.ts';

const sentences: Readonly<Record<number, PlainTextId>> = {
  [statusCode.noSuchFile]: 'client.sftp.no-such-file',
  [statusCode.permissionDenied]: 'client.sftp.permission-denied',
  [statusCode.failure]: 'client.sftp.failure',
  [statusCode.connectionLost]: 'client.sftp.connection-lost',
  [statusCode.unsupported]: 'client.sftp.unsupported',
};

/** A request that the guest's SFTP server refused, or that got no answer. */
export class SftpError extends Error {
  readonly code: number;

  /** `said` is the server's own word, which OpenSSH makes of the code alone. */
  constructor(code: number, said = '') {
    const id = sentences[code];
    super(id === undefined ? said || say('client.sftp.other', { code }) : say(id));
    this.name = 'SftpError';
    this.code = code;
  }
}
