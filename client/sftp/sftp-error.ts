// SPDX-License-Identifier: MIT
import { statusCode } from '#contract/sftp.ts';

const sentences: Readonly<Record<number, string>> = {
  [statusCode.noSuchFile]: 'there is no such file or folder',
  [statusCode.permissionDenied]: 'permission denied',
  [statusCode.failure]: 'the guest refused it',
  [statusCode.connectionLost]: 'the connection to the guest was lost',
  [statusCode.unsupported]: "the guest's SFTP server cannot do that",
};

/** A request that the guest's SFTP server refused, or that got no answer. */
export class SftpError extends Error {
  readonly code: number;

  /** `said` is the server's own word, which OpenSSH makes of the code alone. */
  constructor(code: number, said = '') {
    super(sentences[code] ?? (said || `the guest's SFTP server answered ${code}`));
    this.name = 'SftpError';
    this.code = code;
  }
}
