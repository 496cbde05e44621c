// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process';
import { constants } from 'node:os';
import { promisify } from 'node:util';
import { Dfa } from './dfa.ts';
import { readPolicyStream, type PolicyItem } from './policy-stream.ts';

const features = '/usr/share/apparmor-features/features';
const bits = { x: 0x1, w: 0x2, r: 0x4, a: 0x8, l: 0x10, k: 0x20, m: 0x40 } as const;
/** Mediation classes of the kernel's security/apparmor/include/apparmor.h. */
const mediation = { ptrace: 9, signal: 10, net: 14 } as const;
/** Bits of security/apparmor/include/perms.h. */
const may = { write: 0x2, read: 0x4 } as const;
/** Addresses and socket types of linux/socket.h. */
const families = { unix: 1, inet: 2, inet6: 10, netlink: 16, packet: 17 } as const;
const socketTypes = { stream: 1, dgram: 2, raw: 3 } as const;
/** AppArmor's own numbers of signals (security/apparmor/include/sig_names.h). */
const signalNumbers: Readonly<Record<string, number>> = {
  SIGHUP: constants.signals.SIGHUP,
  SIGTERM: constants.signals.SIGTERM,
  SIGKILL: constants.signals.SIGKILL,
  SIGUSR1: constants.signals.SIGUSR1,
};

interface StartedDfa {
  readonly dfa: Dfa;
  readonly start: number;
}

interface Profile {
  readonly isComplaining: boolean;
  /** Numbers 0 to 31 and 32 to 63. */
  readonly capabilities: readonly [number, number];
  readonly file: StartedDfa;
  readonly rest: StartedDfa | undefined;
}

/**
 * A compiled policy that answers questions as the kernel would, on any kernel. Profiles are named as the kernel names
 * them, children by `parent//child`.
 */
export class Policy {
  readonly #profiles = new Map<string, Profile>();

  private constructor(blob: Buffer) {
    for (const { name, children } of readPolicyStream(blob)) if (name === 'profile') this.#add(children);
  }

  /** @throws what the parser says about a text it does not take */
  static async compile(text: string): Promise<Policy> {
    const compiling = promisify(execFile)('apparmor_parser', ['-S', '-K', '-q', '-M', features], {
      encoding: 'buffer',
      maxBuffer: 2 ** 27,
    });
    compiling.child.stdin?.end(text);
    return new Policy((await compiling).stdout);
  }

  get names(): string[] {
    return [...this.#profiles.keys()].toSorted();
  }

  isComplaining(name: string): boolean {
    return this.#get(name).isComplaining;
  }

  /**
   * The permissions on a path, as letters in the order of rwalkmx. The owner's where the asking process owns the file.
   */
  file(name: string, path: string, isOwner = false): string {
    return letters(this.#bits(name, Buffer.from(path), isOwner));
  }

  /**
   * Whether a hard link of one name may be made to another (profile_path_link in security/apparmor/file.c):
   * where the rule asks for a subset, the new name may give nothing that the old one did not.
   */
  link(name: string, newName: string, oldName: string): boolean {
    const own = this.#bits(name, Buffer.from(newName), false);
    const pair = this.#bits(name, Buffer.from(`${newName}\0${oldName}`), false);
    if ((own & pair & bits.l) === 0) return false;
    const wanted = own & ~bits.l & 0x7f;
    return (pair & bits.k) === 0 || (this.#bits(name, Buffer.from(oldName), false) & wanted) === wanted;
  }

  /** The file names that can be reached below a prefix, when there is one only; `several` when a rule matches more. */
  onlyNameBelow(name: string, prefix: string): Buffer | 'none' | 'several' {
    const { dfa, start } = this.#get(name).file;
    let state = dfa.match(start, Buffer.from(prefix));
    const found: number[] = [];
    for (;;) {
      const ways = state === 0 ? [] : dfa.ways(state);
      if (ways.length > 1 || found.length > 10_000) return 'several';
      const isEnd = state !== 0 && letters(dfa.accept(state) >>> 14) !== '';
      if (isEnd) return ways.length === 0 ? Buffer.from(found) : 'several';
      const [way] = ways;
      if (way === undefined) return 'none';
      found.push(way);
      state = dfa.step(state, way);
    }
  }

  hasCapability(name: string, capability: number): boolean {
    const word = this.#get(name).capabilities[capability >= 32 ? 1 : 0];
    return ((word >>> (capability % 32)) & 1) === 1;
  }

  network(name: string, family: keyof typeof families, type: keyof typeof socketTypes): boolean {
    const [number, kind] = [families[family], socketTypes[type]];
    return (this.#classBits(name, mediation.net, [number >> 8, number & 0xff, kind >> 8, kind & 0xff]) & 0x7f) !== 0;
  }

  signal(name: string, direction: 'send' | 'receive', signal: string, peer: string): boolean {
    const bit = direction === 'receive' ? may.read : may.write;
    return (this.#classBits(name, mediation.signal, [signalNumbers[signal] ?? 0, ...Buffer.from(peer)]) & bit) !== 0;
  }

  /** `readby`: the peer may look at this process; `read`: this process may look at the peer. */
  ptrace(name: string, direction: 'read' | 'readby' | 'trace', peer: string): boolean {
    const bit = { trace: 0x2, read: 0x4, readby: 0x10 }[direction];
    return (this.#classBits(name, mediation.ptrace, Buffer.from(peer)) & bit) !== 0;
  }

  #add(items: readonly PolicyItem[]): void {
    // an attachment has a machine of its own before the flags
    const body = items.slice(items.findIndex(({ name }) => name === 'flags'));
    const unnamed = (type: string): PolicyItem['value'][] =>
      body
        .concat(items)
        .filter(({ name, value }) => name === undefined && typeof value === type)
        .map(({ value }) => value);
    const rest = childrenOf(items, 'policydb');
    this.#profiles.set(String(unnamed('string')[0]), {
      isComplaining: body[0]?.children[1]?.value === 1,
      capabilities: [Number(unnamed('number')[0]), Number(childrenOf(items, 'caps64')[0]?.value)],
      file: machineOf(body, 'dfa_start'),
      rest: rest.length === 0 ? undefined : machineOf(rest, 'start'),
    });
  }

  #get(name: string): Profile {
    const profile = this.#profiles.get(name);
    if (!profile) throw new Error(`no profile ${name}; there are ${this.names.join(', ')}`);
    return profile;
  }

  /** The low 14 bits are the owner's, the next 14 everybody's. */
  #bits(name: string, path: Buffer, isOwner: boolean): number {
    const { dfa, start } = this.#get(name).file;
    const state = dfa.match(start, path);
    return state === 0 ? 0 : dfa.accept(state) >>> (isOwner ? 0 : 14);
  }

  #classBits(name: string, mediationClass: number, bytes: Iterable<number>): number {
    const { rest } = this.#get(name);
    if (!rest) throw new Error(`${name} mediates files only`);
    const state = rest.dfa.match(rest.start, [mediationClass, ...bytes]);
    return state === 0 ? 0 : rest.dfa.accept(state);
  }
}

function childrenOf(items: readonly PolicyItem[], name: string): readonly PolicyItem[] {
  return items.find((item) => item.name === name)?.children ?? [];
}

function machineOf(items: readonly PolicyItem[], startName: string): StartedDfa {
  const blob = items.findLast(({ name }) => name === 'aadfa')?.value;
  if (!Buffer.isBuffer(blob)) throw new Error('a profile without rules');
  return { dfa: new Dfa(blob), start: Number(items.find(({ name }) => name === startName)?.value ?? 1) };
}

function letters(value: number): string {
  return (['r', 'w', 'a', 'l', 'k', 'm', 'x'] as const).filter((letter) => (value & bits[letter]) !== 0).join('');
}
