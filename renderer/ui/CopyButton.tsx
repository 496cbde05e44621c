// SPDX-License-Identifier: MIT
import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { say } from '#messages/say.ts';
import { IconButton } from './Button.tsx';
import { useCopy } from './clipboard.ts';

/** Copies `text`; says for a moment that it did. */
export function CopyButton({ text, label }: { readonly text: string; readonly label: string }) {
  const copy = useCopy();
  const [hasCopied, setHasCopied] = useState(false);
  useEffect(() => {
    if (!hasCopied) return undefined;
    const timer = setTimeout(() => setHasCopied(false), 1500);
    return () => clearTimeout(timer);
  }, [hasCopied]);
  // A refusal is told by the provider of the clipboard.
  const press = (): void =>
    void copy(text).then(
      () => setHasCopied(true),
      () => undefined,
    );
  return (
    <IconButton
      label={hasCopied ? say('common.copied') : label}
      icon={hasCopied ? <Check size={14} /> : <Copy size={14} />}
      onPress={press}
    />
  );
}
