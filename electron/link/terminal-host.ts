// SPDX-License-Identifier: MIT
import { randomBytes } from 'node:crypto';
import { delimiter, dirname } from 'node:path';
import { userInfo } from 'node:os';
import type { Duplex } from 'node:stream';
import type { IPty } from 'node-pty';
import { limits } from '#contract/protocol.ts';
import { say } from '#messages/say.ts';
import { LinkError } from './error-data.ts';
import { PtyStream } from './pty-stream.ts';

interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

interface Session {
  readonly pty: IPty;
  readonly stream: PtyStream;
}

export interface TerminalHostOptions {
  /** The environment of the shell before what is set here. */
  readonly environment: NodeJS.ProcessEnv;
  /** Path of the `berth` program, to be found by that name in the terminal. */
  readonly cliPath: string | undefined;
  readonly runDirectory: string;
}

/** Terminals of one window that nobody closes would exhaust the ptys of the host. */
const mostSessions = 32;

/**
 * Terminals on this computer: the user's shell in a pseudo-terminal, with `berth` on its PATH. A
 * session lives until its shell ends or its stream is destroyed, whichever comes first.
 */
export class TerminalHost {
  readonly #options: TerminalHostOptions;
  readonly #sessions = new Map<string, Session>();
  readonly #unclaimed = new Map<string, Session>();

  constructor(options: TerminalHostOptions) {
    this.#options = options;
  }

  /** Starts a shell. Its stream waits for {@link claim} as long as a helper's token would. */
  async open(size: TerminalSize): Promise<{ session: string; terminal: string }> {
    if (this.#sessions.size >= mostSessions) throw new LinkError('helper.busy', { limit: mostSessions });
    const { spawn } = await import('node-pty');
    const shell = this.#options.environment['SHELL'] ?? userInfo().shell ?? '/bin/sh';
    const pty = spawn(shell, [], {
      name: 'xterm-256color',
      cols: size.columns,
      rows: size.rows,
      cwd: this.#options.environment['HOME'] ?? '/',
      env: terminalEnvironment(this.#options),
      encoding: null,
    });
    const session = `l-${randomBytes(8).toString('hex')}`;
    const terminal = randomBytes(16).toString('hex');
    const entry: Session = { pty, stream: new PtyStream(pty) };
    this.#sessions.set(session, entry);
    this.#unclaimed.set(terminal, entry);
    pty.onExit(() => this.#sessions.delete(session));
    const timer = setTimeout(() => {
      if (this.#unclaimed.delete(terminal)) entry.stream.destroy();
    }, limits.streamTokenMs);
    entry.stream.once('close', () => clearTimeout(timer));
    return { session, terminal };
  }

  /** The stream of a terminal, once; undefined where the token is none of ours. */
  claim(terminal: string): Duplex | undefined {
    const entry = this.#unclaimed.get(terminal);
    this.#unclaimed.delete(terminal);
    return entry?.stream;
  }

  resize(session: string, size: TerminalSize): void {
    const entry = this.#sessions.get(session);
    if (!entry)
      throw new LinkError('request.invalid', { reason: say('desktop.refused.terminal-ended'), field: 'session' });
    entry.pty.resize(size.columns, size.rows);
  }

  closeAll(): void {
    for (const { stream } of this.#sessions.values()) stream.destroy();
  }
}

/** The user's environment, with `berth` first on PATH and without what Electron's start put there. */
function terminalEnvironment({ environment, cliPath, runDirectory }: TerminalHostOptions): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (value !== undefined && !/^(ELECTRON_|CHROME_|NODE_OPTIONS$|NODE_ENV$|GDK_BACKEND$)/.test(name))
      result[name] = value;
  }
  if (cliPath) result['PATH'] = [dirname(cliPath), result['PATH'] ?? '/usr/local/bin:/usr/bin:/bin'].join(delimiter);
  result['BERTH_RUN_DIR'] = runDirectory;
  result['TERM'] = 'xterm-256color';
  result['COLORTERM'] = 'truecolor';
  return result;
}
