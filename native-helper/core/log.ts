// SPDX-License-Identifier: MIT
import { pino } from 'pino';

export type Logger = pino.Logger;

/** Paths whose values never reach a log: private keys and the user's cloud-init document. */
const secrets = ['privateKey', 'userData', 'userDataBase64', '*.privateKey', '*.userData', '*.userDataBase64'];

/** JSON lines on stderr, which journald and a terminal both take. */
export function createLogger(level: string): Logger {
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, redact: { paths: secrets, censor: '[kept back]' } },
    pino.destination({ fd: 2, sync: true }),
  );
}
