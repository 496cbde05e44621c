// SPDX-License-Identifier: MIT

/** The name of a directory's entry; bytes where it comes from a directory that others write. */
export type EntryName = string | Buffer;

/**
 * The path by which Node's own file calls reach an entry of an opened directory: what the *at() family of calls does
 * with a descriptor. The kernel goes from the magic link straight to the opened directory (proc_pid_fd(5)), whatever
 * its name leads to by now. The entry itself is the last component: calls that follow no link there (unlink, rmdir,
 * lstat, rename, mkdir, open with O_NOFOLLOW) follow none at all.
 *
 * @throws Error with the code EINVAL for what is no single plain name
 */
export function at(directory: number, name: EntryName): Buffer {
  const bytes = typeof name === 'string' ? Buffer.from(name) : name;
  const isPlain =
    bytes.length > 0 &&
    !bytes.includes(0) &&
    !bytes.includes('/') &&
    !bytes.equals(Buffer.from('.')) &&
    !bytes.equals(Buffer.from('..'));
  if (!isPlain)
    throw Object.assign(new Error(`${JSON.stringify(bytes.toString())} is not the name of an entry`), {
      code: 'EINVAL',
    });
  return Buffer.concat([Buffer.from(`${atSelf(directory)}/`), bytes]);
}

/** The path by which what a descriptor of ours holds can be opened once more, or listed. */
export function atSelf(descriptor: number): string {
  return `/proc/self/fd/${descriptor}`;
}
