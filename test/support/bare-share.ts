// SPDX-License-Identifier: MIT
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { instanceName } from '#contract/names.ts';
import { assetsDirectory } from '../../native-helper/core/assets.ts';
import { LocalProcessRunner } from '../../native-helper/process/runner.ts';
import { ninePServerChoice } from '../../native-helper/shares/9p/nine-p-server.ts';
import { startPipedServer, type PipedServer, type PipedServerChoice } from '../../native-helper/shares/piped-server.ts';
import { shareServerChoice } from '../../native-helper/shares/sshfs/share-server.ts';
import { Files } from '../../native-helper/store/files.ts';
import type { MountRecord } from '../../native-helper/store/instance-record.ts';
import { RawNineP } from './raw-nine-p.ts';
import { RawSftp } from './raw-sftp.ts';
import { someUser } from './shared-folder.ts';

const instance = instanceName.parse('hostile');
const insideAs = { uid: 1000, gid: 1000 };

interface Serving extends Partial<Omit<MountRecord, 'type'>> {
  readonly source: string;
  /** As it would be for a guest that got the better of the guard. */
  readonly isUnguarded?: boolean;
}

/**
 * The product's servers of one folder in the product's jail, for a test that speaks their protocol in a guest's place.
 */
export class BareShare implements AsyncDisposable {
  readonly #directory: string;
  #server: PipedServer | undefined;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  static async create(): Promise<BareShare> {
    const directory = await mkdtemp(path.join(tmpdir(), 'berth-jail-'));
    await chmod(directory, 0o755);
    return new BareShare(directory);
  }

  async sftp(serving: Serving): Promise<RawSftp> {
    const { stdin, stdout } = await this.#start(await shareServerChoice(instance, mountOf(serving, 'sshfs')), serving);
    return await RawSftp.start(stdin, stdout);
  }

  async nineP(serving: Serving): Promise<RawNineP> {
    const { stdin, stdout } = await this.#start(
      await ninePServerChoice(instance, { mount: mountOf(serving, '9p'), insideAs }),
      serving,
    );
    // As the guard says it for everybody: the server knows one user.
    return await RawNineP.start(stdin, stdout, serving.isUnguarded ? { uname: 'user', uid: 0xffff_ffff } : {});
  }

  async stop(): Promise<void> {
    await this.#server?.stop();
    this.#server = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await rm(this.#directory, { recursive: true, force: true });
  }

  async #start(choice: PipedServerChoice, { isUnguarded = false }: Serving): Promise<PipedServer> {
    await this.stop();
    const options = {
      runner: new LocalProcessRunner(),
      files: new Files(path.join(this.#directory, 'state'), path.join(this.#directory, 'run')),
      assetsDirectory,
    };
    const guard = isUnguarded ? { requests: new PassThrough(), responses: new PassThrough() } : choice.guard;
    this.#server = await startPipedServer(options, { ...choice, guard }, AbortSignal.timeout(110_000));
    return this.#server;
  }
}

function mountOf({ isUnguarded: _, ...more }: Serving, type: MountRecord['type']): MountRecord {
  return {
    id: '0badcafe',
    target: '/mnt/x',
    isReadOnly: false,
    type,
    uidMaps: [],
    gidMaps: [],
    owner: someUser,
    ...more,
  };
}
