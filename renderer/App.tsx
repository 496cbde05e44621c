// SPDX-License-Identifier: MIT
import { useEffect, type ReactNode } from 'react';
import { I18nProvider, RouterProvider } from 'react-aria-components';
import { Router, useLocation } from 'wouter';
import { navigate as go, useHashLocation } from 'wouter/use-hash-location';
import { localHost } from '#contract/hosts.ts';
import { hostAt } from './lib/addresses.ts';
import { CurrentHostContext } from './store/current-host.ts';
import { appRequest } from './api/client.ts';
import { Notices } from './features/notices/Notices.tsx';
import { Palette } from './features/palette/Palette.tsx';
import { DroppedImage } from './features/images/DroppedImage.tsx';
import { DropLayer } from './features/shares/DropLayer.tsx';
import { CopyOutDialog } from './features/transfers/CopyOutDialog.tsx';
import { Transfers } from './features/transfers/Transfers.tsx';
import { Routes } from './routes.tsx';
import { attempt } from './store/attempt.ts';
import { useBerth } from './store/index.ts';
import { ClipboardContext } from './ui/clipboard.ts';

async function copyText(text: string): Promise<void> {
  const asked = { id: 'copy', line: 'copy' };
  if (!(await attempt(asked, async () => await appRequest('app.copy-text', { text })))) throw new Error('refused');
}

/** The whole window. */
export function App() {
  const theme = useBerth((state) => state.theme);
  useEffect(() => {
    if (theme === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme;
  }, [theme]);
  return (
    <I18nProvider locale="en-GB">
      <ClipboardContext value={copyText}>
        <Router hook={useHashLocation}>
          <RouterProvider navigate={(path) => go(path)}>
            <CurrentHost>
              <Routes />
              <DropLayer />
              <DroppedImage />
              <CopyOutDialog />
              <Palette />
              <Notices above={<Transfers />} />
            </CurrentHost>
          </RouterProvider>
        </Router>
      </ClipboardContext>
    </I18nProvider>
  );
}

/** Says to all screens which host the address is about; one that nobody knows is none. */
function CurrentHost({ children }: { readonly children: ReactNode }) {
  const [address] = useLocation();
  const named = hostAt(address);
  const isKnown = useBerth((state) => named in state.links);
  return <CurrentHostContext value={isKnown ? named : localHost}>{children}</CurrentHostContext>;
}
