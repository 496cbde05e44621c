// SPDX-License-Identifier: MIT

const token = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g;

/**
 * The first key that an object of a JSON text has twice. Programs differ in which of the two they
 * take, so a text that was checked by one would be another for the next.
 */
export function duplicateKey(json: string): string | undefined {
  const open: (Set<string> | undefined)[] = [];
  let isKeyNext = false;
  for (const [text] of json.matchAll(token)) {
    if (text === '{') open.push(new Set());
    else if (text === '[') open.push(undefined);
    else if (text === '}' || text === ']') open.pop();
    const keys = open.at(-1);
    if (isKeyNext && keys && text.startsWith('"')) {
      const key = JSON.parse(text) as string;
      if (keys.has(key)) return key;
      keys.add(key);
    }
    isKeyNext = text === '{' || (text === ',' && keys !== undefined);
  }
  return undefined;
}
