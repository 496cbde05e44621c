// SPDX-License-Identifier: MIT
/** Names of the messages between the preload script and the main process; nothing else uses them. */
export const channels = {
  /** invoke(method, params, host) → Envelope */
  request: 'berth:request',
  /** send(subscription), to end with unsubscribe(subscription) */
  subscribe: 'berth:subscribe',
  unsubscribe: 'berth:unsubscribe',
  /** to the window: (subscription, LinkMessage) */
  message: 'berth:message',
  /** send(path) of what a person chose or dropped; only the preload script itself can send it */
  givePath: 'berth:give-path',
  /** send(token, id, host) */
  openStream: 'berth:open-stream',
  /** to the window: (id) with one port */
  stream: 'berth:stream',
} as const;
