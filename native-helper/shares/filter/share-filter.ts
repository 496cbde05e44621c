// SPDX-License-Identifier: MIT

// linux/seccomp.h, linux/filter.h, linux/audit.h; system call numbers of asm/unistd.h
const load = 0x20; // BPF_LD | BPF_W | BPF_ABS
const jumpIfEqual = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
const jumpIfNotBelow = 0x35; // BPF_JMP | BPF_JGE | BPF_K
const jumpIfAnySet = 0x45; // BPF_JMP | BPF_JSET | BPF_K
const keepBits = 0x54; // BPF_ALU | BPF_AND | BPF_K
const give = 0x06; // BPF_RET | BPF_K
const allow = 0x7fff_0000;
/** SECCOMP_RET_ERRNO: the call is not made and answers this; 0 is success. */
const answer = 0x0005_0000;
const errno = { none: 0, notPermitted: 1, noSuchCall: 38, notSupported: 95 } as const;
const unchanged = 0xffff_ffff; // -1
/** Offsets in struct seccomp_data. */
const data = { number: 0, architecture: 4, arguments: 16 };

/** Set-user-id and set-group-id, inode(7); these and the type are in the lower half of an argument. */
const setIdBits = 0o6000;
const type = { mask: 0o170_000, character: 0o020_000, block: 0o060_000 } as const;
/** O_CREAT or what makes O_TMPFILE of O_DIRECTORY, open(2): only with them a mode means something. */
const makesFile = 0o100 | 0o20_000_000;
/** Calls of the x32 interface have this bit, and would be known by other numbers. */
const firstOfX32 = 0x4000_0000;

/** Of those that take a mode: which argument it is. */
const architectures = {
  x64: {
    audit: 0xc000_003e,
    setresuid: 117,
    setresgid: 119,
    modes: {
      chmod: [90, 1],
      fchmod: [91, 1],
      fchmodat: [268, 2],
      fchmodat2: [452, 2],
      mkdir: [83, 1],
      mkdirat: [258, 2],
      creat: [85, 1],
    },
    opens: { open: [2, 1, 2], openat: [257, 2, 3] },
    nodes: { mknod: [133, 1], mknodat: [259, 2] },
    attributes: { setxattr: 188, lsetxattr: 189, fsetxattr: 190 },
  },
  arm64: {
    audit: 0xc000_00b7,
    setresuid: 147,
    setresgid: 149,
    modes: { fchmod: [52, 1], fchmodat: [53, 2], fchmodat2: [452, 2], mkdirat: [34, 2] },
    opens: { openat: [56, 2, 3] },
    nodes: { mknodat: [33, 2] },
    attributes: { setxattr: 5, lsetxattr: 6, fsetxattr: 7 },
  },
} as const;
/** Of every architecture. What these two ask for stands in memory or in a queue, where no filter sees it. */
const openat2 = 437;
const ioUringSetup = 425;
const setxattrat = 463;

/** Processors for which there is a filter, as Node calls them. */
export type FilteredArchitecture = keyof typeof architectures;

export function hasFilter(architecture: string): architecture is FilteredArchitecture {
  return architecture in architectures;
}

interface FilterChoice {
  /**
   * Whether setresuid(-1, N, -1) and setresgid(-1, N, -1) do nothing and succeed. virtiofsd takes on the guest user's
   * number before it makes a file. Here it has to stay who it is, the user whose folder it is, whoever asks in the
   * guest.
   */
  readonly keepsIdentity: boolean;
  /** Whether it may set extended attributes; which of them is not for a filter to see. */
  readonly setsAttributes: boolean;
}

/** What each kind of server is started under. */
export const filterChoices = {
  virtiofsd: { keepsIdentity: true, setsAttributes: true },
  piped: { keepsIdentity: false, setsAttributes: false },
} as const satisfies Readonly<Record<string, FilterChoice>>;

/**
 * A seccomp filter for servers of shared folders, which are taken to be under a guest's control: nothing gets
 * set-user-id or set-group-id, nothing is made a device, by none of the ways that Linux has. All other calls are made.
 */
export function shareFilter(
  architecture: FilteredArchitecture,
  { keepsIdentity, setsAttributes }: FilterChoice,
): Buffer {
  const { audit, setresuid, setresgid, modes, opens, nodes, attributes } = architectures[architecture];
  return Buffer.concat([
    instruction(load, data.architecture),
    // The numbers of another architecture's calls mean others.
    instruction(jumpIfEqual, audit, 1, 0),
    refuse(errno.notPermitted),
    instruction(load, data.number),
    instruction(jumpIfNotBelow, firstOfX32, 0, 1),
    refuse(errno.notPermitted),
    ...Object.values(modes).map(([number, mode]) => rule(number, withoutSetId(mode))),
    ...Object.values(opens).map(([number, flags, mode]) =>
      rule(number, [
        argument(flags),
        instruction(jumpIfAnySet, makesFile, 1, 0),
        instruction(give, allow),
        ...withoutSetId(mode),
      ]),
    ),
    ...Object.values(nodes).map(([number, mode]) => rule(number, noDevice(mode))),
    ...[openat2, ioUringSetup].map((number) => rule(number, [refuse(errno.noSuchCall)])),
    ...(setsAttributes
      ? []
      : [...Object.values(attributes), setxattrat].map((number) => rule(number, [refuse(errno.notSupported)]))),
    ...(keepsIdentity ? [setresuid, setresgid].map((number) => rule(number, pretend())) : []),
    instruction(give, allow),
  ]);
}

/** What is done with one call; `verdict` ends with an answer whatever way it takes. */
function rule(number: number, verdict: readonly Buffer[]): Buffer {
  return Buffer.concat([instruction(jumpIfEqual, number, 0, verdict.length), ...verdict]);
}

function withoutSetId(mode: number): Buffer[] {
  return [
    argument(mode),
    instruction(jumpIfAnySet, setIdBits, 0, 1),
    refuse(errno.notPermitted),
    instruction(give, allow),
  ];
}

function noDevice(mode: number): Buffer[] {
  return [
    argument(mode),
    instruction(keepBits, type.mask),
    instruction(jumpIfEqual, type.character, 1, 0),
    instruction(jumpIfEqual, type.block, 0, 1),
    refuse(errno.notPermitted),
    ...withoutSetId(mode),
  ];
}

function pretend(): Buffer[] {
  return [
    argument(0),
    instruction(jumpIfEqual, unchanged, 0, 3),
    argument(2),
    instruction(jumpIfEqual, unchanged, 0, 1),
    instruction(give, answer | errno.none),
    instruction(give, allow),
  ];
}

/** The lower half. */
function argument(index: number): Buffer {
  return instruction(load, data.arguments + 8 * index);
}

function refuse(error: number): Buffer {
  return instruction(give, answer | error);
}

/** struct sock_filter: code, jumps, operand. Jumps count instructions to skip. */
function instruction(code: number, operand: number, ifTrue = 0, ifFalse = 0): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(code, 0);
  bytes.writeUInt8(ifTrue, 2);
  bytes.writeUInt8(ifFalse, 3);
  bytes.writeUInt32LE(operand, 4);
  return bytes;
}
