// SPDX-License-Identifier: MIT
export const firstRunStrings = {
  title: 'This computer',
  text: 'Found here, and worth mending:',
} as const;
