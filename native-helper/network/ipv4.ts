// SPDX-License-Identifier: MIT

/** A range of IPv4 addresses, both ends included, as 32-bit numbers. */
export interface Ipv4Range {
  readonly first: number;
  readonly last: number;
}

const number = '(0|[1-9]\\d{0,2})';
const address = new RegExp(`^${[number, number, number, number].join('\\.')}$`);

/** `10.1.2.3` as a number; undefined when the text is no address. */
export function parseIpv4(text: string): number | undefined {
  const [, ...parts] = address.exec(text)?.map(Number) ?? [];
  if (parts.length !== 4 || parts.some((part) => part > 255)) return undefined;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}

export function formatIpv4(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}

/** `10.1.2.0/24` or a lone address as a range; bits below the prefix do not matter. */
export function parsePrefix(text: string): Ipv4Range | undefined {
  const [address = '', length = '32', ...rest] = text.split('/');
  const start = parseIpv4(address);
  if (start === undefined || rest.length > 0 || !/^\d{1,2}$/.test(length) || Number(length) > 32) return undefined;
  const size = 2 ** (32 - Number(length));
  const first = Math.floor(start / size) * size;
  return { first, last: first + size - 1 };
}

export function overlaps(one: Ipv4Range, other: Ipv4Range): boolean {
  return one.first <= other.last && other.first <= one.last;
}
