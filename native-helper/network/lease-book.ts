// SPDX-License-Identifier: MIT
import { watch, type FSWatcher } from 'node:fs';
import { open, readFile, stat } from 'node:fs/promises';
import type { MacAddress } from '#contract/names.ts';
import { messageOf } from '../core/errors.ts';
import type { Logger } from '../core/log.ts';
import type { Lease } from '../core/seams/network.ts';
import { leaseSeconds } from './dnsmasq-config.ts';
import { parseLeaseEvent, parseLeases, type LeaseRecord } from './leases.ts';
import type { NetworkFiles } from './network-files.ts';

export type LeaseListener = (mac: MacAddress, lease: Lease | undefined) => void;

/** The leases as dnsmasq has them: its lease file at the beginning, the script's lines from then on. */
export class LeaseBook {
  readonly #files: NetworkFiles;
  readonly #log: Logger;
  readonly #records = new Map<MacAddress, LeaseRecord>();
  readonly #listeners = new Set<LeaseListener>();
  #watcher: FSWatcher | undefined;
  #offset = 0;
  #partial = '';
  #reading: Promise<void> | undefined;
  #isStale = false;

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
    if (this.#watcher !== undefined) return;
    this.#watcher = watch(this.#files.events, { persistent: false }, () => void this.#nudge());
    this.#watcher.on('error', (error) => this.#log.warn({ err: error }, 'the lease events cannot be watched'));
    // dnsmasq writes its lease file before it runs the script, so that file has the sum of all lines until now
    this.#offset = (await stat(this.#files.events)).size;
    this.#partial = '';
    await this.#readLeaseFile();
    await this.#nudge();
  }

  /** Stops following; what is known stays known. */
  pause(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
  }

  /** Stops following and forgets everything: dnsmasq is gone for good. */
  end(): void {
    this.pause();
    for (const mac of this.#records.keys()) this.#remove(mac);
  }

  /** One pass at a time; a change during a pass causes exactly one more. */
  #nudge(): Promise<void> {
    this.#isStale = true;
    this.#reading ??= this.#readAll().finally(() => { this.#reading = undefined; });
    return this.#reading;
  }

  async #readAll(): Promise<void> {
    try {
      while (this.#isStale) {
        this.#isStale = false;
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
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - this.#offset), 0, size - this.#offset, this.#offset);
    this.#offset += bytesRead;
    const lines = (this.#partial + buffer.toString('latin1', 0, bytesRead)).split('\n');
    this.#partial = lines.pop() ?? '';
    for (const line of lines) this.#takeLine(line);
  }

  /** Where lines may have been lost. Nothing is taken as ended for being absent: dnsmasq may be writing. */
  async #readLeaseFile(): Promise<void> {
    for (const record of parseLeases(await readFile(this.#files.leases, 'latin1').catch(() => ''))) this.#add(record); // absent before the first lease
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
