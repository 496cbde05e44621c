// SPDX-License-Identifier: MIT
/**
 * A program of its own, for what root does with files whose names others can change. What lies there is found and
 * looked at before it is opened, so no FIFO, device or socket that somebody puts in a file's place is ever opened, and
 * what was looked at is what is used:
 *
 * by-descriptor look r|rw PATH what is there, for root who gives it (look.ts) by-descriptor run ROOT UID GID PATH
 * COMMAND ARGUMENT... a command that has open what the user could open (run-with-file.ts)
 */
import { look } from './look.ts';
import { runWithFile } from './run-with-file.ts';

const [action, ...given] = process.argv.slice(2);
switch (action) {
  case 'look':
    await look(given);
    break;
  case 'run':
    await runWithFile(given);
    break;
  default:
    throw new Error(`there is no action ${action ?? ''}`);
}
