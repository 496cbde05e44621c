// SPDX-License-Identifier: MIT
/** The version of this program, as in package.json (a test compares); all parts are released as one. */
export const clientVersion = '0.1.0';
