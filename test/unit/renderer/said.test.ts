// SPDX-License-Identifier: MIT
import { IntlMessageFormat } from 'intl-messageformat';
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { afterEach, describe, expect, it } from 'vitest';
import { windowTexts } from '#messages/en/window/index.ts';
import { useLanguage } from '#messages/say.ts';
import { Said } from '../../../renderer/ui/Said.tsx';

afterEach(() => {
  useLanguage('en');
});

const copyOf = (names: readonly string[]): string =>
  renderToStaticMarkup(
    createElement(Said, {
      id: 'activity.copy-in',
      values: { count: names.length, name: names[0] ?? '', instance: 'web' },
      parts: { link: (inner) => createElement('b', null, inner) },
    }),
  );

describe('a message with parts that are set apart', () => {
  it('has them where it says', () => {
    expect(copyOf(['notes.txt'])).toBe('Copy notes.txt to <b>web</b>');
    expect(copyOf(['notes.txt', 'plan.txt'])).toBe('Copy 2 items to <b>web</b>');
  });

  it('takes a name for a name, whatever is in it', () => {
    expect(copyOf(['<link>{count}</link>'])).toBe('Copy &lt;link&gt;{count}&lt;/link&gt; to <b>web</b>');
  });

  it('has them in the pseudo-locale too', () => {
    useLanguage('en-XA');
    expect(copyOf(['1'])).toBe('⟦Çóþý 1 ťó <b>web</b>⟧');
  });

  it('closes each tag', () => {
    for (const [id, message] of Object.entries(windowTexts).filter(([, each]) => each.includes('<')))
      expect(() => new IntlMessageFormat(message, 'en'), id).not.toThrow();
  });
});
