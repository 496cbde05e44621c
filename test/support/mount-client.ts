// SPDX-License-Identifier: MIT
import type { MountAddParams, MountSummary } from '#contract/mounts.ts';
import { instanceName } from '#contract/names.ts';
import type { HelperConnection } from '../../client/helper-connection.ts';

interface MountOptions {
  readonly target?: string;
  readonly isReadOnly?: boolean;
  readonly type?: MountAddParams['type'];
  readonly isNotifying?: boolean;
  readonly sizeLimitBytes?: number;
  readonly uidMaps?: MountAddParams['uidMaps'];
  readonly gidMaps?: MountAddParams['gidMaps'];
}

/** The steps that tests of mounts are made of. */
export class MountClient {
  readonly #connection: HelperConnection;
  readonly #type: MountAddParams['type'];

  /** `type` is what is asked for where a test does not say. */
  constructor(connection: HelperConnection, type: MountAddParams['type'] = 'auto') {
    this.#connection = connection;
    this.#type = type;
  }

  async add(name: string, source: string, options: MountOptions = {}): Promise<MountSummary> {
    return await this.#connection.request('mounts.add', {
      name: instanceName.parse(name),
      source,
      type: this.#type,
      ...options,
    });
  }

  async remove(name: string, target?: string): Promise<readonly MountSummary[]> {
    return await this.#connection.request('mounts.remove', {
      name: instanceName.parse(name),
      ...(target === undefined ? {} : { target }),
    });
  }

  async reconnect(name: string, target?: string): Promise<readonly MountSummary[]> {
    return await this.#connection.request('mounts.reconnect', {
      name: instanceName.parse(name),
      ...(target === undefined ? {} : { target }),
    });
  }

  async list(name: string): Promise<readonly MountSummary[]> {
    return await this.#connection.request('mounts.list', { name: instanceName.parse(name) });
  }

  /**
   * Resolves with the instance's mounts when they are all as asked, told by events. On a busy computer they get there
   * one after the other: what fails is that nothing changes any more, for `stillMs`.
   */
  async until(
    name: string,
    isReached: (mounts: readonly MountSummary[]) => boolean,
    stillMs = 90_000,
  ): Promise<readonly MountSummary[]> {
    const reached = Promise.withResolvers<readonly MountSummary[]>();
    let seen: readonly MountSummary[] = [];
    const stop = this.#connection.onEvent(({ body }) => {
      if (body.topic === 'instance.changed' && body.instance.name === name) look(body.instance.mounts ?? []);
    });
    const giveUp = (): void => reached.reject(new Error(`mounts of ${name} are still ${JSON.stringify(seen)}`));
    let timer = setTimeout(giveUp, stillMs);
    const look = (mounts: readonly MountSummary[]): void => {
      if (isReached(mounts)) reached.resolve(mounts);
      if (statesOf(mounts) === statesOf(seen)) return;
      seen = mounts;
      clearTimeout(timer);
      timer = setTimeout(giveUp, stillMs);
    };
    try {
      await this.#connection.request('events.subscribe', {});
      look(await this.list(name));
      return await reached.promise;
    } finally {
      clearTimeout(timer);
      stop();
    }
  }

  async untilConnected(name: string, stillMs?: number): Promise<readonly MountSummary[]> {
    return await this.until(
      name,
      (mounts) => mounts.length > 0 && mounts.every(({ state }) => state === 'connected'),
      stillMs,
    );
  }
}

function statesOf(mounts: readonly MountSummary[]): string {
  return JSON.stringify(mounts.map(({ id, state, reconnects }) => [id, state, reconnects]));
}
