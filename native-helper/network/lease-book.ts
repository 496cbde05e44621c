// SPDX-License-Identifier: MIT
import { open, readFile, stat } from 'node:fs/promises';
import type { MacAddress } from '#contract/names.ts';
import { messageOf } from '../core/errors.ts';
import type { Logger } from '../core/log.ts';
import type { Lease } from '../core/seams/network.ts';
import { watchChanges, type ChangeWatch } from '../posix/watch-changes.ts';
import { leaseSeconds } from './dnsmasq-config.ts';
import { parseLeaseEvent, parseLeases, type LeaseRecord } from './leases.ts';
import type { NetworkFiles } from './network-files.ts';

export type LeaseListener = (mac: MacAddress, lease: Lease | undefined) => void;

/** The leases as dnsmasq has them: new ones by its lease file, ended ones by the script's lines. */
export class LeaseBook {
  readonly #files: NetworkFiles;
  readonly #log: Logger;
  readonly #records = new Map<MacAddress, LeaseRecord>();
  readonly #listeners = new Set<LeaseListener>();
  #watchers: readonly ChangeWatch[] = [];
  #offset = 0;
  #partial = '';
  #reading: Promise<void> | undefined;
  #isStale = false;
  #isFileNew = false;

  constructor(files: NetworkFiles, log: Logger) {
    this.#files = files;
    this.#log = log;
  }

  leaseFor(mac: MacAddress): Lease | undefined {
    const record = this.#records.get(mac);
    if (record === undefined) return undefined;
    return { mac, address: record.address, at: new Date((record.expires - leaseSeconds) * 1000) };
  }

  onLease(listener: LeaseListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Begins to follow the events file, which must exist. Does nothing when it is followed already. */
  async follow(): Promise<void> {
    if (this.#watchers.length > 0) return;
    const onError = (error: Error): void => this.#log.warn({ err: error }, 'the leases cannot be watched');
    this.#watchers = [
      watchChanges(this.#files.events, { onChange: () => void this.#nudge(), onError, holdsProcess: false }),
      // What the script tells of is there first; where its directory is mounted noexec, that is all there is.
      watchChanges(this.#files.leases, {
        onChange: () => void this.#nudge({ isFileNew: true }),
        onError,
        holdsProcess: false,
      }),
    ];
    // dnsmasq writes its lease file before it runs the script, so that file has the sum of all lines until now
    this.#offset = (await stat(this.#files.events)).size;
    this.#partial = '';
    await this.#readLeaseFile();
    await this.#nudge();
  }

  /** Stops following; what is known stays known. */
  pause(): void {
    for (const watcher of this.#watchers) watcher.close();
    this.#watchers = [];
  }

  /** Stops following and forgets everything: dnsmasq is gone for good. */
  end(): void {
    this.pause();
    for (const mac of this.#records.keys()) this.#remove(mac);
  }

  /** One pass at a time; a change during a pass causes exactly one more. */
  #nudge({ isFileNew = false } = {}): Promise<void> {
    this.#isFileNew ||= isFileNew;
    this.#isStale = true;
    this.#reading ??= this.#readAll().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #readAll(): Promise<void> {
    try {
      while (this.#isStale) {
        this.#isStale = false;
        if (this.#isFileNew) await this.#readLeaseFile();
        await this.#readNew();
      }
    } catch (error) {
      this.#log.warn({ reason: messageOf(error) }, 'the lease events cannot be read');
    }
  }

  async #readNew(): Promise<void> {
    await using handle = await open(this.#files.events, 'r');
    const { size } = await handle.stat();
    if (size < this.#offset) {
      await this.#readLeaseFile();
      this.#offset = 0;
      this.#partial = '';
    }
    if (size === this.#offset) return;
    const { buffer, bytesRead } = await handle.read(
      Buffer.alloc(size - this.#offset),
      0,
      size - this.#offset,
      this.#offset,
    );
    this.#offset += bytesRead;
    const lines = (this.#partial + buffer.toString('latin1', 0, bytesRead)).split('\n');
    this.#partial = lines.pop() ?? '';
    for (const line of lines) this.#takeLine(line);
  }

  /** Where lines may have been lost. Nothing is taken as ended for being absent: dnsmasq may be writing. */
  async #readLeaseFile(): Promise<void> {
    this.#isFileNew = false;
    const text = await readFile(this.#files.leases, 'latin1').catch(() => ''); // absent before the first lease
    // of a line that is being written the address may be cut off
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    for (const record of parseLeases(whole)) this.#add(record);
  }

  #takeLine(line: string): void {
    const event = parseLeaseEvent(line);
    if (event === undefined) {
      this.#log.debug({ line: line.slice(0, 200) }, 'unknown lease event');
    } else if (event.action === 'del') {
      this.#remove(event.record.mac);
    } else {
      this.#add(event.record);
    }
  }

  /** dnsmasq repeats all leases as `old` on SIGHUP; only a new address or end is news. */
  #add(record: LeaseRecord): void {
    const known = this.#records.get(record.mac);
    if (known !== undefined && known.address === record.address && known.expires === record.expires) return;
    this.#records.set(record.mac, record);
    this.#announce(record.mac);
  }

  #remove(mac: MacAddress): void {
    if (this.#records.delete(mac)) this.#announce(mac);
  }

  #announce(mac: MacAddress): void {
    for (const listener of this.#listeners) listener(mac, this.leaseFor(mac));
  }
}
