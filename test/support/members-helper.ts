// SPDX-License-Identifier: MIT
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { startHelper, type HelperProcess } from './helper-process.ts';
import { forMembers } from './people.ts';

/** A helper that members ask, and a folder of root's that they may enter, where their files can lie. */
export interface MembersHelper {
  readonly helper: HelperProcess;
  readonly directory: string;
  end(): Promise<void>;
}

interface MembersHelperOptions {
  /** Where the folder is made; not in memory with `/var/tmp`. */
  readonly below?: string;
  readonly seedImages?: false;
}

export async function startForMembers(options: MembersHelperOptions = {}): Promise<MembersHelper> {
  const directory = await mkdtemp(path.join(options.below ?? os.tmpdir(), 'berth-members-'));
  const remove = async (): Promise<void> => await rm(directory, { recursive: true, force: true });
  try {
    await chmod(directory, 0o755);
    const helper = await startHelper({
      args: forMembers,
      ...(options.seedImages === undefined ? {} : { seedImages: options.seedImages }),
    });
    return {
      helper,
      directory,
      end: async () => {
        await helper.stop();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}
