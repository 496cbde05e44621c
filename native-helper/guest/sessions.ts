// SPDX-License-Identifier: MIT
import { randomBytes } from 'node:crypto';
import { sessionId, type SessionEnd, type SessionId } from '#contract/guest.ts';
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

  add(actor: Actor, process: GuestProcess): SessionId {
    const id = sessionId.parse(`s-${randomBytes(8).toString('hex')}`);
    this.#sessions.set(id, { uid: actor.uid, process });
    // Kept for a while after its end, so that who asks late still learns the exit code.
    void process.ended.then(() => setTimeout(() => this.#sessions.delete(id), keptAfterEndMs).unref());
    return id;
  }

  resize(actor: Actor, id: SessionId, columns: number, rows: number): void {
    this.#find(actor, id).process.resize(columns, rows);
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
