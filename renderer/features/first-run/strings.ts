// SPDX-License-Identifier: MIT
export const firstRunStrings = {
  title: 'This computer',
  text: 'Problems on this computer:',
} as const;
