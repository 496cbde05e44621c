// SPDX-License-Identifier: MIT

const sentences: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the file system is read-only',
  ENAMETOOLONG: 'the name is too long',
  ENOTDIR: 'a part of the path is no folder',
  EISDIR: 'it is a folder',
  EEXIST: 'it already exists',
  ELOOP: 'it became a link meanwhile',
};

/** Why something failed on either side, in words that follow a name and a colon. */
export function explainFailure(error: unknown): string {
  const sentence = sentences[(error as NodeJS.ErrnoException | null)?.code ?? ''];
  return sentence ?? (error instanceof Error ? error.message : String(error));
}
