// SPDX-License-Identifier: MIT
import { useEffect } from 'react';
import { I18nProvider, RouterProvider } from 'react-aria-components';
import { Router } from 'wouter';
import { navigate as go, useHashLocation } from 'wouter/use-hash-location';
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
            <Routes />
            <DropLayer />
            <DroppedImage />
            <CopyOutDialog />
            <Palette />
            <Notices above={<Transfers />} />
          </RouterProvider>
        </Router>
      </ClipboardContext>
    </I18nProvider>
  );
}
