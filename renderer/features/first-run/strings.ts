// SPDX-License-Identifier: MIT
export const firstRunStrings = {
  title: 'This computer',
  text: 'Berth works here. These would make it faster or safer:',
  missing: 'Before an instance can start, this has to be mended:',
} as const;
