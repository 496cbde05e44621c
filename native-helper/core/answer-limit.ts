// SPDX-License-Identifier: MIT

/**
 * For the answer of a process that looks at a path in a user's name: the longest path and a few words. What it says is
 * that user's word, because another process of his can print in its place (pidfd_getfd(2)): whoever reads it checks its
 * form.
 */
export const answerLimitBytes = 8 * 1024;
