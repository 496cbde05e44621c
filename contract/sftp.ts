// SPDX-License-Identifier: MIT
/** Numbers of draft-ietf-secsh-filexfer-02, which OpenSSH speaks: for who asks a guest, and for who guards a share. */

export const requestType = {
  init: 1,
  open: 3,
  close: 4,
  read: 5,
  write: 6,
  lstat: 7,
  fstat: 8,
  setstat: 9,
  fsetstat: 10,
  opendir: 11,
  readdir: 12,
  remove: 13,
  mkdir: 14,
  rmdir: 15,
  realpath: 16,
  stat: 17,
  rename: 18,
  readlink: 19,
  symlink: 20,
  /** Further requests of a server's own, by name. */
  extended: 200,
} as const;

export const answerType = {
  version: 2,
  status: 101,
  handle: 102,
  data: 103,
  name: 104,
  attributes: 105,
  extended: 201,
} as const;

/** `broken` is ours: what came is no SFTP. */
export const statusCode = {
  broken: -1,
  ok: 0,
  endOfFile: 1,
  noSuchFile: 2,
  permissionDenied: 3,
  failure: 4,
  connectionLost: 7,
  unsupported: 8,
} as const;

export const openFlag = { read: 1, write: 2, create: 8, exclusive: 32 } as const;

/** Which attributes follow; each is a bit, and they stand in this order. */
export const attributeFlag = { size: 1, owner: 2, permissions: 4, times: 8, extended: 0x8000_0000 } as const;
