// SPDX-License-Identifier: MIT
import { watch } from 'node:fs';
import { stat } from 'node:fs/promises';

/** As soon as a person sees it, and four calls a second for a file. */
const lookEveryMs = 250;

export interface ChangeWatch {
  close(): void;
}

interface WatchOptions {
  /** The file's name, where a directory is watched and it is told. */
  readonly onChange: (name?: string) => void;
  /** The watch is over, and nothing takes its place. */
  readonly onError: (error: Error) => void;
  /** Whether the process goes on for it, as it must where something waits for nothing else; so it is where absent. */
  readonly holdsProcess?: boolean;
}

/**
 * Calls back when a file changed, or what is in a directory. Where the kernel gives no more of inotify(7) (EMFILE: the
 * user has `fs.inotify.max_user_instances`, which every program of root's counts against; ENOSPC: `max_user_watches`),
 * there is no event to wait for, so the file's time and size are looked at instead.
 *
 * @throws NodeJS.ErrnoException where there is no such file
 */
export function watchChanges(path: string, { onChange, onError, holdsProcess = true }: WatchOptions): ChangeWatch {
  try {
    const watcher = watch(path, { persistent: holdsProcess }, (_, name) => onChange(name ?? undefined));
    watcher.on('error', onError);
    return watcher;
  } catch (error) {
    if (!isShortOfInotify(error)) throw error;
    return lookAt(path, onChange, holdsProcess);
  }
}

/** Whether it is for want of inotify instances or watches that a file cannot be watched. */
export function isShortOfInotify(error: unknown): boolean {
  return ['EMFILE', 'ENOSPC', 'ENFILE'].includes((error as NodeJS.ErrnoException).code ?? '');
}

function lookAt(path: string, onChange: () => void, holdsProcess: boolean): ChangeWatch {
  let isClosed = false;
  let known: string | undefined;
  let timer: NodeJS.Timeout;
  const lookLater = (): NodeJS.Timeout => {
    const later = setTimeout(() => void look(), lookEveryMs);
    return holdsProcess ? later : later.unref();
  };
  const look = async (): Promise<void> => {
    const now = await stat(path, { bigint: true }).then(
      ({ ino, size, mtimeNs, ctimeNs }) => `${ino} ${size} ${mtimeNs} ${ctimeNs}`,
      () => 'absent',
    );
    if (isClosed) return;
    timer = lookLater();
    if (now === known) return;
    known = now;
    onChange();
  };
  // The first look calls back as well: what changed since the caller's own look is not known.
  timer = lookLater();
  return {
    close: () => {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}
