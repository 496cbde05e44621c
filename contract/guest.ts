// SPDX-License-Identifier: MIT
import { z } from 'zod';
import { terminalSize } from './console.ts';
import { instanceName, streamToken } from './names.ts';

export const sessionId = z.string().regex(/^s-[0-9a-f]{16}$/).brand<'SessionId'>();
export type SessionId = z.infer<typeof sessionId>;

export const shellOpenParams = z.strictObject({
  name: instanceName,
  size: terminalSize,
  term: z.string().regex(/^[\w.+-]{1,32}$/).default('xterm-256color'),
});
/** One stream: the terminal's bytes both ways. */
export const shellOpened = z.object({ session: sessionId, terminal: streamToken });

export const execOpenParams = z.strictObject({
  name: instanceName,
  /** Passed on as separate words; quoting for the guest's shell is the helper's business. */
  command: z.array(z.string().max(128 * 1024)).min(1).max(1000),
  workingDirectory: z.string().max(4096).optional(),
});
/** Two streams: stdin towards the guest and stdout back on the one, stderr on the other. */
export const execOpened = z.object({ session: sessionId, stdio: streamToken, stderr: streamToken });

/** One stream: SFTP (draft-ietf-secsh-filexfer-02, as OpenSSH speaks it) with the guest's server, as its default user. */
export const filesOpened = z.object({ session: sessionId, sftp: streamToken });

export const sessionParams = z.strictObject({ session: sessionId });
export const sessionResizeParams = z.strictObject({ session: sessionId, size: terminalSize });
export const sessionEnd = z.object({ exitCode: z.int().optional(), signal: z.string().optional() });
export type SessionEnd = z.infer<typeof sessionEnd>;
