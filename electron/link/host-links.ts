// SPDX-License-Identifier: MIT
import type { HostMessage } from '#contract/desktop.ts';
import { hostId, localHost, type HostId } from '#contract/hosts.ts';
import { say } from '#messages/say.ts';
import type { Backend } from './backend.ts';
import { LinkError } from './error-data.ts';
import { HelperLink } from './helper-link.ts';

interface HostLinksOptions {
  readonly backends: ReadonlyMap<HostId, Backend>;
  readonly onMessage: (message: HostMessage) => void;
  readonly log: (text: string) => void;
}

/** The links to all hosts. */
export class HostLinks {
  readonly #links: ReadonlyMap<HostId, HelperLink>;

  constructor({ backends, onMessage, log }: HostLinksOptions) {
    this.#links = new Map(
      [...backends].map(([host, backend]) => [host, new HelperLink({ host, backend, onMessage, log })]),
    );
  }

  get hosts(): readonly HostId[] {
    return [...this.#links.keys()];
  }

  /** Begins connecting to all; never rejects. */
  start(): void {
    for (const link of this.#links.values()) link.start();
  }

  stop(): void {
    for (const link of this.#links.values()) link.stop();
  }

  /** The link of a host as a window names it; this computer's where it names none. Throws request.invalid. */
  to(host: unknown): HelperLink {
    const parsed = hostId.safeParse(host ?? localHost);
    const link = parsed.success ? this.#links.get(parsed.data) : undefined;
    if (link) return link;
    throw new LinkError('request.invalid', { reason: say('desktop.refused.no-host') });
  }
}
