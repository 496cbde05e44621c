// SPDX-License-Identifier: MIT
import { z } from 'zod';
import { say } from '#messages/say.ts';
import { terminalSize } from './console.ts';
import { instanceName, streamToken } from './names.ts';
import { utf8Bytes } from './units.ts';

export const sessionId = z
  .string()
  .regex(/^s-[0-9a-f]{16}$/)
  .brand<'SessionId'>();
export type SessionId = z.infer<typeof sessionId>;

/** What a terminal is called (terminfo(5)). */
export const termName = z.string().regex(/^[\w.+-]{1,32}$/);
const optionalTermName = termName.default('xterm-256color');

export const shellOpenParams = z.strictObject({
  name: instanceName,
  size: terminalSize,
  term: optionalTermName,
});
/** One stream: the terminal's bytes both ways. */
export const shellOpened = z.object({ session: sessionId, terminal: streamToken });

/**
 * Linux takes no longer line for a shell (MAX_ARG_STRLEN, execve(2)), and a command is one. Some SSH servers take less.
 */
export const mostCommandBytes = 128 * 1024 - 1;

/** What a command takes of {@link mostCommandBytes} at least: each word has two quotes and a blank. */
export function commandBytes(words: readonly string[]): number {
  return words.reduce((sum, word) => sum + utf8Bytes(word) + 3, 0);
}

const word = z
  .string()
  .max(mostCommandBytes)
  .refine((text) => !text.includes('\0') && text.isWellFormed(), { error: () => say('invalid.word') });

export const execOpenParams = z.strictObject({
  name: instanceName,
  /** Passed on as separate words; quoting for the guest's shell is the helper's business. */
  command: z.array(word).min(1).max(mostCommandBytes),
  workingDirectory: word.max(4096).optional(),
  /** Runs it on a terminal of this size; without, its stdin, stdout and stderr are pipes. */
  terminal: z.strictObject({ size: terminalSize, term: optionalTermName }).optional(),
});
/**
 * Two streams: stdin towards the guest and stdout back on the one, stderr on the other, which stays empty where there
 * is a terminal.
 */
export const execOpened = z.object({ session: sessionId, stdio: streamToken, stderr: streamToken });

/**
 * One stream: SFTP (draft-ietf-secsh-filexfer-02, as OpenSSH speaks it) with the guest's server, as its default user.
 */
export const filesOpened = z.object({ session: sessionId, sftp: streamToken });

export const sessionParams = z.strictObject({ session: sessionId });
export const sessionResizeParams = z.strictObject({ session: sessionId, size: terminalSize });
/** Signals that can be sent to a command without a terminal: signal(7). */
export const sessionSignal = z.enum(['HUP', 'INT', 'QUIT', 'TERM', 'USR1', 'USR2', 'KILL']);
export type SessionSignal = z.infer<typeof sessionSignal>;
export const sessionSignalParams = z.strictObject({ session: sessionId, signal: sessionSignal });
export const sessionEnd = z.object({ exitCode: z.int().optional(), signal: z.string().optional() });
export type SessionEnd = z.infer<typeof sessionEnd>;
