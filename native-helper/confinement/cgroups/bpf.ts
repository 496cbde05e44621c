// SPDX-License-Identifier: MIT
import { constants as errnos } from 'node:os';
import koffi from 'koffi';
import { HelperError } from '../../core/errors.ts';

const syscall = koffi
  .load('libc.so.6')
  .func('long syscall(long number, long command, _Inout_ uint8_t *attributes, uint64_t size)');
/** The number of bpf(2) where Berth runs (asm/unistd.h). */
const bpfNumbers: Readonly<Record<string, number>> = { x64: 321, arm64: 280 };

/** enum bpf_cmd of linux/bpf.h. */
const commands = {
  createMap: 0,
  lookUp: 1,
  update: 2,
  delete: 3,
  nextKey: 4,
  loadProgram: 5,
  attach: 8,
  detach: 9,
  programById: 13,
  mapById: 14,
  infoByFd: 15,
  query: 16,
} as const;
type Command = keyof typeof commands;

/** The verifier of programs gives up with EAGAIN when a signal comes, as libbpf knows too. */
const maxTries = 5;

/** union bpf_attr has grown to this; the kernel takes a longer one when the rest is zero. */
const attributesBytes = 128;

/** A failed bpf(2), by errno, for callers to whom some are answers. */
export class BpfError extends HelperError {
  readonly errno: number;

  constructor(command: Command, errno: number) {
    super('confinement.unavailable', { layer: 'devices', reason: `bpf ${command}: errno ${errno}` });
    this.errno = errno;
  }

  get isAbsent(): boolean {
    return this.errno === errnos.errno.ENOENT;
  }
  get isFull(): boolean {
    return this.errno === errnos.errno.E2BIG;
  }
}

/** Fields of union bpf_attr by offset: numbers of 32 bits, and buffers, of which the kernel gets the address. */
export type BpfFields = Readonly<Record<number, number | Buffer>>;

/**
 * One bpf(2) call. Answers its return value, mostly a descriptor that the caller owns, and the
 * attributes as the kernel left them.
 * @throws BpfError
 */
export function bpf(command: Command, fields: BpfFields): { readonly value: number; readonly attributes: Buffer } {
  const attributes = Buffer.alloc(attributesBytes);
  for (const [offset, field] of Object.entries(fields)) {
    if (typeof field === 'number') attributes.writeUInt32LE(field >>> 0, Number(offset));
    else attributes.writeBigUInt64LE(addressOf(field), Number(offset));
  }
  for (let tries = 1; ; tries += 1) {
    const value = Number(syscall(bpfNumbers[process.arch] ?? 0, commands[command], attributes, attributesBytes));
    if (value >= 0) return { value, attributes };
    const errno = koffi.errno();
    if (errno !== errnos.errno.EAGAIN || tries === maxTries) throw new BpfError(command, errno);
  }
}

/** Where a buffer lies, for the kernel to read from or write to while the call lasts. */
export function addressOf(buffer: Buffer): bigint {
  return BigInt(koffi.address(buffer));
}
