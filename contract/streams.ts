// SPDX-License-Identifier: MIT
import { streamGreeting } from './protocol.ts';

/**
 * What the helper answers to the greeting of a stream connection; raw bytes follow the first, the
 * end of the connection the second.
 */
export const streamAccepted = `${streamGreeting} accepted\n`;
export const streamRefused = `${streamGreeting} refused\n`;
