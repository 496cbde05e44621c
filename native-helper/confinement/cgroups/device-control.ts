// SPDX-License-Identifier: MIT
import { closeSync, constants, openSync } from 'node:fs';
import type { DeviceNode } from '../private-dev.ts';
import { addressOf, bpf, BpfError } from './bpf.ts';
import { deviceProgram } from './device-program.ts';

/** How the kernel knows our program and map (15 bytes at most). */
const objectName = 'berth_devices';
const hashMap = 1;
const deviceProgramType = 15;
const deviceAttachType = 6;
/** BPF_F_ALLOW_MULTI and BPF_F_REPLACE. */
const flags = { allowMulti: 2, replace: 4 } as const;
const firstSize = 16;
const rights = { m: 1, r: 2, w: 4 } as const;

export type DeviceRights = 'r' | 'w' | 'rw' | 'm' | 'rwm';
type DeviceNumber = Pick<DeviceNode, 'type' | 'major' | 'minor'>;

/**
 * What a cgroup v2 lets its processes do to devices: nothing, but for what {@link allow} names. The
 * program stays attached when this is disposed of, which closes the descriptors; another helper finds it again.
 */
export class DeviceControl implements Disposable {
  readonly #cgroup: number;
  #map: number;
  #program: number;
  #size: number;

  private constructor(
    cgroup: number,
    parts: { readonly map: number; readonly program: number; readonly size: number },
  ) {
    this.#cgroup = cgroup;
    this.#map = parts.map;
    this.#program = parts.program;
    this.#size = parts.size;
  }

  /** Whether the kernel has such programs: asked, not looked up in its configuration. */
  static isAvailable(cgroup: string): boolean {
    try {
      using directory = openDirectory(cgroup);
      attachedPrograms(directory.fd);
      return true;
    } catch {
      return false; // no cgroup v2, no BPF, or not for us: all mean that it cannot be used
    }
  }

  /** The number of devices in the program that is attached to a cgroup; undefined where none of ours is. */
  static entriesOf(cgroup: string): number | undefined {
    using directory = openDirectory(cgroup);
    const parts = findOurs(directory.fd);
    if (!parts) return undefined;
    using control = new DeviceControl(openSync(cgroup, constants.O_RDONLY | constants.O_DIRECTORY), parts);
    return control.entries().length;
  }

  /**
   * Takes over the program that is attached already, or attaches one that denies everything.
   * @throws HelperError confinement.unavailable
   */
  static open(cgroup: string, size = firstSize): DeviceControl {
    const fd = openSync(cgroup, constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      const present = findOurs(fd);
      if (present) return new DeviceControl(fd, present);
      return new DeviceControl(fd, { ...attachNew(fd, createMap(size)), size });
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  allow(device: DeviceNumber, which: DeviceRights): void {
    const key = keyOf(device);
    this.#put(key, this.#get(key) | bitsOf(device, which));
  }

  deny(device: DeviceNumber, which: DeviceRights = 'rwm'): void {
    const key = keyOf(device);
    const left = this.#get(key) & ~bitsOf(device, which);
    if (left !== 0) this.#put(key, left);
    else unlessAbsent(() => bpf('delete', { 0: this.#map, 8: key }));
  }

  /** What the map says of this very device, as letters. */
  permissions(device: DeviceNumber): string {
    const value = this.#get(keyOf(device)) >>> (device.type === 'c' ? 8 : 0);
    return (['r', 'w', 'm'] as const).filter((letter) => (value & rights[letter]) !== 0).join('');
  }

  entries(): { readonly key: Buffer; readonly value: number }[] {
    const found: { key: Buffer; value: number }[] = [];
    for (let key: Buffer | undefined; ;) {
      const next = Buffer.alloc(8);
      const previous: Buffer | undefined = key;
      if (
        unlessAbsent(() => bpf('nextKey', { 0: this.#map, ...(previous ? { 8: previous } : {}), 16: next })) ===
        undefined
      )
        return found;
      found.push({ key: next, value: this.#get(next) });
      key = next;
    }
  }

  get size(): number {
    return this.#size;
  }

  [Symbol.dispose](): void {
    for (const fd of [this.#map, this.#program, this.#cgroup]) closeSync(fd);
  }

  #get(key: Buffer): number {
    const value = Buffer.alloc(4);
    return unlessAbsent(() => bpf('lookUp', { 0: this.#map, 8: key, 16: value })) === undefined
      ? 0
      : value.readUInt32LE(0);
  }

  #put(key: Buffer, bits: number): void {
    try {
      update(this.#map, key, bits);
    } catch (error) {
      if (!(error instanceof BpfError) || !error.isFull) throw error;
      this.#grow();
      update(this.#map, key, bits);
    }
  }

  /**
   * A map cannot grow and a program's map cannot change: a copy, a new program for it, and one swap that leaves no gap.
   */
  #grow(): void {
    const [oldMap, oldProgram] = [this.#map, this.#program];
    const entries = this.entries();
    const copy = createMap(this.#size * 2);
    for (const { key, value } of entries) update(copy, key, value);
    const { map, program } = attachNew(this.#cgroup, copy, oldProgram);
    [this.#map, this.#program, this.#size] = [map, program, this.#size * 2];
    for (const fd of [oldMap, oldProgram]) closeSync(fd);
  }
}

function openDirectory(path: string): Disposable & { readonly fd: number } {
  const fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
  return { fd, [Symbol.dispose]: () => closeSync(fd) };
}

function attachedPrograms(cgroup: number): number[] {
  const ids = Buffer.alloc(256);
  const { attributes } = bpf('query', { 0: cgroup, 4: deviceAttachType, 16: ids, 24: ids.length / 4 });
  return Array.from({ length: attributes.readUInt32LE(24) }, (_, index) => ids.readUInt32LE(index * 4));
}

/** Our program on a cgroup, by its name and its one map (struct bpf_prog_info, struct bpf_map_info). */
function findOurs(
  cgroup: number,
): { readonly map: number; readonly program: number; readonly size: number } | undefined {
  for (const id of attachedPrograms(cgroup)) {
    const { value: program } = bpf('programById', { 0: id });
    const mapIds = Buffer.alloc(16);
    const info = infoOf(program, 80, (bytes, write) => {
      bytes.writeUInt32LE(mapIds.length / 4, 52);
      write(56, mapIds);
    });
    if (info.toString('latin1', 64, 80).replace(/\0.*$/s, '') === objectName && info.readUInt32LE(52) === 1) {
      const { value: map } = bpf('mapById', { 0: mapIds.readUInt32LE(0) });
      return { program, map, size: infoOf(map, 24).readUInt32LE(16) };
    }
    closeSync(program);
  }
  return undefined;
}

function infoOf(
  fd: number,
  bytes: number,
  prepare?: (info: Buffer, writeAddress: (offset: number, buffer: Buffer) => void) => void,
): Buffer {
  const info = Buffer.alloc(bytes);
  prepare?.(info, (offset, buffer) => {
    info.writeBigUInt64LE(addressOf(buffer), offset);
  });
  bpf('infoByFd', { 0: fd, 4: bytes, 8: info });
  return info;
}

function createMap(size: number): number {
  return bpf('createMap', { 0: hashMap, 4: 8, 8: 4, 12: size, ...nameAt(28) }).value;
}

function loadProgram(map: number): number {
  const program = deviceProgram(map);
  return bpf('loadProgram', {
    0: deviceProgramType,
    4: program.length / 8,
    8: program,
    16: Buffer.from('GPL\0'),
    ...nameAt(48),
  }).value;
}

/** Takes the map over: both descriptors are the answer's, or are closed. */
function attachNew(cgroup: number, map: number, replaced?: number): { readonly map: number; readonly program: number } {
  const open = [map];
  try {
    const program = loadProgram(map);
    open.push(program);
    attach(cgroup, program, replaced);
    return { map, program };
  } catch (error) {
    for (const fd of open) closeSync(fd);
    throw error;
  }
}

function attach(cgroup: number, program: number, replaced?: number): void {
  const replacing = replaced === undefined ? {} : { 16: replaced };
  bpf('attach', {
    0: cgroup,
    4: program,
    8: deviceAttachType,
    12: flags.allowMulti | (replaced === undefined ? 0 : flags.replace),
    ...replacing,
  });
}

function update(map: number, key: Buffer, bits: number): void {
  const value = Buffer.alloc(4);
  value.writeUInt32LE(bits);
  bpf('update', { 0: map, 8: key, 16: value });
}

function keyOf({ major, minor }: DeviceNumber): Buffer {
  const key = Buffer.alloc(8);
  key.writeUInt32LE(minor >>> 0, 0);
  key.writeUInt32LE(major >>> 0, 4);
  return key;
}

function bitsOf({ type }: DeviceNumber, which: DeviceRights): number {
  const bits = (['r', 'w', 'm'] as const).reduce(
    (sum, letter) => (which.includes(letter) ? sum | rights[letter] : sum),
    0,
  );
  return bits << (type === 'c' ? 8 : 0);
}

/** A name as the four words that hold it. */
function nameAt(offset: number): Readonly<Record<number, number>> {
  const name = Buffer.alloc(16);
  name.write(objectName, 0, 15, 'latin1');
  return Object.fromEntries([0, 4, 8, 12].map((at) => [offset + at, name.readUInt32LE(at)]));
}

function unlessAbsent<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    if (error instanceof BpfError && error.isAbsent) return undefined;
    throw error;
  }
}
