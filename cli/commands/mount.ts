// SPDX-License-Identifier: MIT
import { stat } from 'node:fs/promises';
import { describeError } from '#contract/errors.ts';
import type { MountSummary } from '#contract/mounts.ts';
import { say } from '#messages/say.ts';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-codes.ts';
import type { CommandContext } from '../command-context.ts';
import { HelperCallError } from '../../client/helper-call-error.ts';
import type { IdPair } from '../option-values.ts';
import { splitGuestPath } from '../guest-path.ts';
import { hostPathOf } from '../host-path.ts';
import { print, tell } from '../output.ts';

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
      say('cli.mount.is-file', { path: source }),
      exitCodes.usage,
      say('cli.mount.is-file-hint', { path: source, name }),
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
  tellOutcome(added, name);
}

/** The mount is kept whatever happened, so a failure is told and is the exit code. */
function tellOutcome({ state, reason, transport, fallback }: MountSummary, name: string): void {
  if (state === 'connected' && fallback !== undefined) {
    const { message: why } = describeError(fallback);
    tell(
      transport ? say('cli.mount.by', { transport, reason: why }) : say('cli.mount.by-another-way', { reason: why }),
    );
  }
  if (state === 'waiting') tell(say('cli.mount.waiting', { name }));
  if (state !== 'not-connected' || reason === undefined) return;
  tell(say('cli.mount.tried-again'));
  throw new HelperCallError(reason);
}
