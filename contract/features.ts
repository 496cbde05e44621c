// SPDX-License-Identifier: MIT

/**
 * What came to the contract within a protocol version, by name: a parameter, a method, a promise. A
 * client asks for a feature, never for a version, and goes without where a helper does not have it.
 * A feature once named stays.
 */
export const features = [
  /** Lists and the snapshot of events can be asked for in pages. */
  'pages',
  /** Events can be asked for that tell of an instance what changed, and its figures apart from that. */
  'changes',
  /** Settings of instances can be changed. */
  'settings',
] as const;
export type Feature = (typeof features)[number];
