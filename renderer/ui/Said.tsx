// SPDX-License-Identifier: MIT
import { createElement, Fragment, type ReactNode } from 'react';
import type { TextId } from '#messages/en/index.ts';
import { sayRich } from '#messages/say.ts';
import type { Values } from '#messages/sentence.ts';

interface SaidProps {
  readonly id: TextId;
  readonly values: Values;
  /** What each of the message's tags becomes. */
  readonly parts: Readonly<Record<string, (inner: ReactNode) => ReactNode>>;
}

/** A message some of whose words are set apart: `Copy {name} to <link>{instance}</link>`. */
export function Said({ id, values, parts }: SaidProps): ReactNode {
  const set = Object.fromEntries(
    Object.entries(parts).map(([tag, part]) => [
      tag,
      (inner: readonly ReactNode[]) => part(createElement(Fragment, null, ...inner)),
    ]),
  );
  // as children and not as a list, which would want keys
  return createElement(Fragment, null, ...sayRich<ReactNode>(id, values, set));
}
