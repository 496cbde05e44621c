// SPDX-License-Identifier: MIT
import './styles/tokens.css';
import './styles/base.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { windowTexts } from '#messages/en/window/index.ts';
import { useLanguage as speak, useTexts as sayOf } from '#messages/say.ts';
import { App } from './App.tsx';
import { appRequest } from './api/client.ts';
import { subscribe } from './api/subscribe.ts';
import { dispatch, setView } from './store/index.ts';

sayOf(windowTexts);
speak(window.berth.platform.language);
subscribe(dispatch);
// The default theme follows the system; without preferences it stays that way.
appRequest('app.preferences', {}).then(
  ({ theme }) => setView({ theme }),
  () => undefined,
);

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no root element');
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
