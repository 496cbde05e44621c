// SPDX-License-Identifier: MIT
import { fstatSync } from 'node:fs';
import { pino } from 'pino';
import { withoutSecrets, withoutUrlSecrets } from './without-secrets.ts';

export type Logger = pino.Logger;

const stderr = 2;

/** Lines with secrets kept back, as JSON on stderr; for journald with its priority before it (sd-daemon(3)). */
export function createLogger(level: string): Logger {
  const lines = pino.destination({ fd: stderr, sync: true });
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { log: withoutSecrets },
      serializers: { err: (error: unknown) => error }, // made by then
      // the words, which an error may give where the caller gave none
      hooks: { streamWrite: withoutUrlSecrets, logMethod: logged },
    },
    isJournal(stderr, process.env['JOURNAL_STREAM']) ? new JournalLines(lines) : lines,
  );
}

/** Pino itself reads fields before anything is kept back: what throws then costs the line, not its caller. */
function logged(this: Logger, args: Parameters<pino.LogFn>, method: pino.LogFn): void {
  try {
    method.apply(this, args);
  } catch {
    method.call(this, { words: args.find((each) => typeof each === 'string') }, 'a line could not be logged');
  }
}

/** Whether a descriptor is the journal's: `stream` is JOURNAL_STREAM (systemd.exec(5)), a device and an inode. */
function isJournal(fd: number, stream: string | undefined): boolean {
  if (stream === undefined) return false;
  const { dev, ino } = fstatSync(fd, { bigint: true });
  return stream === `${dev}:${ino}`;
}

/** Writes lines on with the journal's priority for pino's level. */
class JournalLines {
  /** Asks pino for {@link lastLevel} before each line. */
  readonly [pino.symbols.needsMetadataGsym] = true;
  lastLevel = pino.levels.values['info'] ?? 30;
  readonly #lines: pino.DestinationStream;

  constructor(lines: pino.DestinationStream) {
    this.#lines = lines;
  }

  write(line: string): void {
    this.#lines.write(`<${priorityOf(this.lastLevel)}>${line}`);
  }
}

/** Of syslog(3): 2 critical, 3 error, 4 warning, 6 information, 7 debugging. */
function priorityOf(level: number): number {
  if (level >= 60) return 2;
  if (level >= 50) return 3;
  if (level >= 40) return 4;
  return level >= 30 ? 6 : 7;
}
