// SPDX-License-Identifier: MIT
import { stat } from 'node:fs/promises';

/** The blocks of all an image's files; one that is not there counts nothing. */
export async function diskUseOf({
  disk,
  kernel,
  initrd,
}: {
  readonly disk: string;
  readonly kernel: string;
  readonly initrd: string;
}): Promise<number> {
  const sizes = await Promise.all(
    [disk, kernel, initrd].map(
      async (file) =>
        await stat(file).then(
          ({ blocks }) => blocks * 512,
          () => 0,
        ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
