// SPDX-License-Identifier: MIT
import { stat } from 'node:fs/promises';
import { describeError } from '#contract/errors.ts';
import type { MountSummary } from '#contract/mounts.ts';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-codes.ts';
import type { CommandContext } from '../command-context.ts';
import { HelperCallError } from '../../client/helper-call-error.ts';
import type { IdPair } from '../option-values.ts';
import { splitGuestPath } from '../guest-path.ts';
import { hostPathOf } from '../host-path.ts';
import { print, say } from '../output.ts';

export interface MountOptions {
  readonly readonly?: boolean | undefined;
  readonly uid?: readonly IdPair[] | undefined;
  readonly gid?: readonly IdPair[] | undefined;
  readonly type: 'auto' | 'sshfs' | 'virtiofs' | '9p';
  readonly notify?: boolean | undefined;
  /** In bytes. */
  readonly maxFileSize?: number | undefined;
}

/** `berth mount`: gets a folder into an instance, now or when it runs next. Prints where in the guest it is. */
export async function mount(
  context: CommandContext,
  source: string,
  destination: string,
  options: MountOptions,
): Promise<void> {
  const { name, path: target } = splitGuestPath(destination);
  const folder = hostPathOf(source);
  if ((await stat(folder).catch(() => undefined))?.isFile())
    throw new CliError(
      `${source} is a file; only folders are mounted.`,
      exitCodes.usage,
      `Copy it: berth transfer ${source} ${name}:`,
    );
  const connection = await context.connect();
  const added = await connection.request('mounts.add', {
    name,
    source: folder,
    isReadOnly: options.readonly ?? false,
    type: options.type,
    isNotifying: options.notify ?? false,
    uidMaps: [...(options.uid ?? [])],
    gidMaps: [...(options.gid ?? [])],
    ...(options.maxFileSize === undefined ? {} : { sizeLimitBytes: options.maxFileSize }),
    ...(target === undefined ? {} : { target }),
  });
  print(added.target);
  tell(added, name);
}

/** The mount is kept whatever happened, so a failure is told and is the exit code. */
function tell({ state, reason, transport, fallback }: MountSummary, name: string): void {
  if (state === 'connected' && fallback !== undefined)
    say(`By ${transport ?? 'another way'}. ${describeError(fallback).message}`);
  if (state === 'waiting') say(`It is mounted as soon as ${name} runs.`);
  if (state !== 'not-connected' || reason === undefined) return;
  say('The mount is noted with the instance and is tried again by itself.');
  throw new HelperCallError(reason);
}
