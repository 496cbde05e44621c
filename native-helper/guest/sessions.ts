// SPDX-License-Identifier: MIT
import { randomBytes } from 'node:crypto';
import { sessionId, type SessionEnd, type SessionId, type SessionSignal } from '#contract/guest.ts';
import { HelperError } from '../core/errors.ts';
import type { GuestProcess } from '../core/seams/guest.ts';
import type { Actor } from '../core/seams/operation.ts';

const keptAfterEndMs = 60_000;

interface Session {
  readonly uid: number;
  readonly process: GuestProcess;
}

/** The shells and commands that clients have open, by the id they were told. */
export class GuestSessions {
  readonly #sessions = new Map<SessionId, Session>();

  /**
   * `client` is aborted when the connection goes by which it was asked for. With it goes the process: of the streams,
   * the end of a client that is gone looks like the end of its input.
   */
  add(actor: Actor, process: GuestProcess, client: AbortSignal): SessionId {
    const id = sessionId.parse(`s-${randomBytes(8).toString('hex')}`);
    this.#sessions.set(id, { uid: actor.uid, process });
    const onGone = (): void => process.close();
    if (client.aborted) onGone();
    client.addEventListener('abort', onGone, { once: true });
    void process.ended.then(() => client.removeEventListener('abort', onGone));
    // Kept for a while after its end, so that who asks late still learns the exit code.
    void process.ended.then(() => setTimeout(() => this.#sessions.delete(id), keptAfterEndMs).unref());
    return id;
  }

  resize(actor: Actor, id: SessionId, columns: number, rows: number): void {
    this.#find(actor, id).process.resize(columns, rows);
  }

  async signal(actor: Actor, id: SessionId, name: SessionSignal): Promise<void> {
    await this.#find(actor, id).process.signal(name);
  }

  async wait(actor: Actor, id: SessionId): Promise<SessionEnd> {
    return await this.#find(actor, id).process.ended;
  }

  #find(actor: Actor, id: SessionId): Session {
    const session = this.#sessions.get(id);
    if (!session || session.uid !== actor.uid) throw new HelperError('stream.unknown');
    return session;
  }
}
