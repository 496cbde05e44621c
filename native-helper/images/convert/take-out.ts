// SPDX-License-Identifier: MIT
import { open, rename } from 'node:fs/promises';
import type { ImportFormat, Packing } from '#contract/images.ts';
import type { Credentials, ProcessRunner } from '../../core/seams/processes.ts';
import { formatOf, packingOf } from './file-content.ts';
import { inspectedBytes } from './qcow2-header.ts';
import type { BringContext } from '../vault/staging-source.ts';
import { unpack } from './unpack.ts';

interface TakingOut {
  /** A file that only we can change, alone in a directory of its own. */
  readonly came: string;
  /** What is in it, when this is done; on the same file system. */
  readonly target: string;
  readonly format: ImportFormat | undefined;
  readonly packing: Packing | undefined;
  /** The name to use in errors. */
  readonly shownPath: string;
  readonly runner: ProcessRunner;
  readonly newUser: () => Promise<Credentials>;
}

/**
 * Takes the disk out of a file as it came, and returns its format. Where that was not said it is found by the content,
 * as is how the file is packed. What the content says is believed in nothing but which reader looks at it next.
 * @throws HelperError image.unsupported-format, storage.disk-full, AbortError
 */
export async function takeOut(
  { came, target, format, packing, shownPath, runner, newUser }: TakingOut,
  context: BringContext,
): Promise<ImportFormat> {
  const found = packing ?? (format === undefined ? packingOf(await headOf(came)) : 'none');
  if (found === 'none') await rename(came, target);
  else await unpack({ packing: found, packed: came, target, shownPath, runner, user: await newUser() }, context);
  return format ?? formatOf(await headOf(target), shownPath);
}

async function headOf(file: string): Promise<Buffer> {
  await using handle = await open(file, 'r');
  const head = Buffer.alloc(inspectedBytes);
  const { bytesRead } = await handle.read(head, 0, head.length, 0);
  return head.subarray(0, bytesRead);
}
