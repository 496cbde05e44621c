// SPDX-License-Identifier: MIT
/** Text of somebody else's, for a line of a terminal. */
export { visibleText as escapeForTerminal } from '#contract/visible-text.ts';
