// SPDX-License-Identifier: MIT

// linux/seccomp.h, linux/filter.h, linux/audit.h; system call numbers of asm/unistd.h
const load = 0x20; // BPF_LD | BPF_W | BPF_ABS
const jumpIfEqual = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
const give = 0x06; // BPF_RET | BPF_K
const allow = 0x7fff_0000;
const pretendSuccess = 0x0005_0000; // SECCOMP_RET_ERRNO with errno 0: the call is not made and answers 0
const unchanged = 0xffff_ffff; // -1
/** Offsets in struct seccomp_data, of arguments their lower half. */
const data = { number: 0, architecture: 4, firstArgument: 16, thirdArgument: 32 };
const architectures = {
  x64: { audit: 0xc000_003e, setresuid: 117, setresgid: 119 },
  arm64: { audit: 0xc000_00b7, setresuid: 147, setresgid: 149 },
} as const;

/** Processors for which there is a filter, as Node calls them. */
export type FilteredArchitecture = keyof typeof architectures;

export function hasFilter(architecture: string): architecture is FilteredArchitecture {
  return architecture in architectures;
}

/**
 * A seccomp filter under which setresuid(-1, N, -1) and setresgid(-1, N, -1) do nothing and succeed; all other calls are made.
 * virtiofsd takes on the guest user's number before it makes a file. Here it has to stay who it is, the user whose
 * folder it is, whoever asks in the guest.
 */
export function identityFilter(architecture: FilteredArchitecture): Buffer {
  const { audit, setresuid, setresgid } = architectures[architecture];
  return Buffer.concat([
    instruction(load, data.architecture),
    instruction(jumpIfEqual, audit, 0, 8),
    instruction(load, data.number),
    instruction(jumpIfEqual, setresuid, 1, 0),
    instruction(jumpIfEqual, setresgid, 0, 5),
    instruction(load, data.firstArgument),
    instruction(jumpIfEqual, unchanged, 0, 3),
    instruction(load, data.thirdArgument),
    instruction(jumpIfEqual, unchanged, 0, 1),
    instruction(give, pretendSuccess),
    instruction(give, allow),
  ]);
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
