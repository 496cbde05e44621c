// SPDX-License-Identifier: MIT

/** What the command line ends with, by the kind of an error. */
export const usage = 2;
export const unreachable = 3;
export const notFound = 4;
export const refused = 5;
export const failed = 1;
export const cancelled = 130;
