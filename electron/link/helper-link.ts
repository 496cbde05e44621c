// SPDX-License-Identifier: MIT
import type { Duplex } from 'node:stream';
import type { HostMessage, LinkState } from '#contract/desktop.ts';
import type { HelperEvent } from '#contract/events.ts';
import type { HostId } from '#contract/hosts.ts';
import type { InstanceName } from '#contract/names.ts';
import type { MethodName } from '#contract/protocol.ts';
import { say } from '#messages/say.ts';
import type { HelperConnection } from '../../client/helper-connection.ts';
import { imageLists } from '../../client/list-all.ts';
import { subscribe } from '../../client/subscribe.ts';
import type { Backend } from './backend.ts';
import { LinkError } from './error-data.ts';
import { ImageWatch } from './image-watch.ts';

/** A message, but for the host that it is of. */
type Told = HostMessage extends infer Each ? (Each extends HostMessage ? Omit<Each, 'host'> : never) : never;

const firstDelayMs = 250;
const longestDelayMs = 5000;

export interface HelperLinkOptions {
  readonly host: HostId;
  readonly backend: Backend;
  readonly onMessage: (message: HostMessage) => void;
  readonly log: (text: string) => void;
}

/**
 * The one connection to a host's helper. Reconnects for ever: after 0.25 s, doubling up to 5 s, and at
 * once when the backend sees a change. Each new connection continues the events after
 * the last one seen, so what happened meanwhile is replayed, or brings a snapshot.
 */
export class HelperLink {
  readonly #options: HelperLinkOptions;
  readonly #images: ImageWatch;
  #state: LinkState = { state: 'connecting' };
  #connection: HelperConnection | undefined;
  #position: { bootId: string; sequence: number } | undefined;
  readonly #stopping = new AbortController();
  #wake: () => void = () => {};

  constructor(options: HelperLinkOptions) {
    this.#options = options;
    this.#images = new ImageWatch({
      isConnected: () => this.#connection !== undefined,
      list: async () => await imageLists(this.connected()),
      onImages: (images) => this.#tell({ kind: 'images', images }),
      log: options.log,
    });
  }

  get state(): LinkState {
    return this.#state;
  }

  /** Begins connecting; never rejects. */
  start(): void {
    void this.#run();
  }

  stop(): void {
    this.#stopping.abort();
    this.#wake();
  }

  /** Asks the helper; rejects with helper.unreachable at once while there is no connection. */
  async request(method: MethodName, params: unknown): Promise<unknown> {
    // The router has checked the parameters by the method's own schema.
    return await this.connected().request(method, params as never);
  }

  /** Opens a stream of the helper by its token. The caller owns and ends it. */
  async openStream(token: string): Promise<Duplex> {
    return await this.connected().openStream(token);
  }

  /** The SFTP server of an instance's guest, as a stream. The caller owns and ends it. */
  async openSftp(name: InstanceName, signal: AbortSignal): Promise<Duplex> {
    const connection = this.connected();
    const { sftp } = await connection.request('files.open', { name }, { signal });
    return await connection.openStream(sftp, { signal });
  }

  /** The connection there is now. Throws helper.unreachable. */
  connected(): HelperConnection {
    if (this.#connection) return this.#connection;
    const reason = this.#state.state === 'down' ? this.#state.detail : say('desktop.refused.not-connected');
    throw new LinkError('helper.unreachable', { path: this.#options.backend.path, reason });
  }

  async #run(): Promise<void> {
    let delayMs = firstDelayMs;
    let hasChanged = false;
    const unwatch = this.#options.backend.watch(() => {
      hasChanged = true;
      this.#wake();
    });
    while (!this.#stopping.signal.aborted) {
      hasChanged = false;
      if (await this.#serveOneConnection()) delayMs = firstDelayMs;
      if (this.#stopping.signal.aborted) break;
      if (!hasChanged) await this.#sleep(delayMs);
      // A change restarts the back-off: a socket is seen a moment before it is listened on.
      delayMs = hasChanged ? firstDelayMs : Math.min(delayMs * 2, longestDelayMs);
    }
    unwatch();
  }

  /** Connects and stays until the connection ends. True where it had come to stand. */
  async #serveOneConnection(): Promise<boolean> {
    const { backend, log } = this.#options;
    const { signal } = this.#stopping;
    let connection: HelperConnection;
    try {
      connection = await backend.connect(signal);
    } catch (error) {
      if (!signal.aborted) this.#setState(backend.downReason(error));
      return false;
    }
    const closed = new Promise<Error>((resolve) => {
      connection.onClose(resolve);
      signal.addEventListener('abort', () => resolve(new Error('stopped')), { once: true });
    });
    let lost: unknown;
    try {
      await this.#follow(connection);
      lost = await closed;
    } catch (error) {
      log(`the helper's events could not be followed: ${String(error)}`);
      lost = error;
    }
    const wasFollowed = this.#connection === connection;
    this.#connection = undefined;
    connection.close();
    if (!signal.aborted) this.#setState({ ...backend.downReason(lost), reason: 'lost' });
    return wasFollowed;
  }

  /** Subscribes to events and announces the connection. Events that overtake the answer wait for it. */
  async #follow(connection: HelperConnection): Promise<void> {
    let early: HelperEvent[] | undefined = [];
    connection.onEvent((event) => {
      if (early) early.push(event);
      else this.#deliver(event);
    });
    const since = this.#position?.bootId === connection.bootId ? this.#position : undefined;
    const answer = await subscribe(connection, since, { signal: this.#stopping.signal });
    this.#connection = connection;
    this.#setState({ state: 'connected', helperVersion: connection.helperVersion });
    if (answer.snapshot) {
      this.#position = { bootId: answer.bootId, sequence: answer.sequence };
      this.#tell({ kind: 'snapshot', snapshot: answer.snapshot });
    }
    const waiting = early;
    early = undefined;
    for (const event of waiting) this.#deliver(event);
    this.#images.connected();
  }

  #deliver(event: HelperEvent): void {
    if (!this.#position || event.sequence <= this.#position.sequence) return;
    this.#position.sequence = event.sequence;
    this.#tell({ kind: 'event', event });
    if (event.body.topic === 'images.outdated') this.#images.outdated();
  }

  #setState(state: LinkState): void {
    if (JSON.stringify(state) === JSON.stringify(this.#state)) return;
    this.#state = state;
    if (state.state === 'down') this.#options.log(`helper ${state.reason}: ${state.detail}`);
    this.#tell({ kind: 'link', link: state });
  }

  #tell(message: Told): void {
    this.#options.onMessage({ ...message, host: this.#options.host });
  }

  async #sleep(delayMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, delayMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = () => {};
  }
}
