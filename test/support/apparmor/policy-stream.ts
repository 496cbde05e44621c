// SPDX-License-Identifier: MIT

/** An item of a compiled policy: a value, or a structure of items. */
export interface PolicyItem {
  readonly name: string | undefined;
  readonly value: number | bigint | string | Buffer | undefined;
  readonly children: readonly PolicyItem[];
}

/** Tags of the kernel's security/apparmor/policy_unpack.c (enum aa_code). */
const tag = { u8: 0, u16: 1, u32: 2, u64: 3, name: 4, string: 5, blob: 6, struct: 7, list: 9, array: 11 } as const;

/**
 * Reads what apparmor_parser hands to the kernel: tagged items, little endian, structures closed by their tag plus one.
 */
export function readPolicyStream(bytes: Buffer): readonly PolicyItem[] {
  let at = 0;
  const items: PolicyItem[] = [];
  while (at < bytes.length) items.push(next());
  return items;

  function next(): PolicyItem {
    let code = bytes.readUInt8(at++);
    let name: string | undefined;
    if (code === tag.name) {
      name = text();
      code = bytes.readUInt8(at++);
    }
    const leaf = (value: PolicyItem['value']): PolicyItem => ({ name, value, children: [] });
    switch (code) {
      case tag.u8:
        return leaf(bytes.readUInt8((at += 1) - 1));
      case tag.u16:
        return leaf(bytes.readUInt16LE((at += 2) - 2));
      case tag.u32:
        return leaf(bytes.readUInt32LE((at += 4) - 4));
      case tag.u64:
        return leaf(bytes.readBigUInt64LE((at += 8) - 8));
      case tag.string:
        return leaf(text());
      case tag.blob: {
        const length = bytes.readUInt32LE(at);
        at += 4 + length;
        return leaf(bytes.subarray(at - length, at));
      }
      case tag.struct:
      case tag.list:
      case tag.array: {
        if (code === tag.array) at += 2; // the count; the end tag says the same
        const children: PolicyItem[] = [];
        while (bytes.readUInt8(at) !== code + 1) children.push(next());
        at += 1;
        return { name, value: undefined, children };
      }
      default:
        throw new Error(`unknown tag ${code} at ${at}`);
    }
  }

  function text(): string {
    const length = bytes.readUInt16LE(at);
    at += 2 + length;
    return bytes.toString('latin1', at - length, at - 1);
  }
}
