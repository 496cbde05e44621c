// SPDX-License-Identifier: MIT
import { useEffect, useState } from 'react';
import type { ImageSettings } from '#contract/images.ts';
import { say } from '#messages/say.ts';
import { appRequest } from '../../api/client.ts';
import { Button } from '../../ui/Button.tsx';
import { TextField } from '../../ui/TextField.tsx';
import { parseProxy } from './image-sources.ts';
import styles from './ImageSources.module.css';

interface ProxyFieldsProps {
  readonly settings: ImageSettings;
  readonly isDisabled: boolean;
  readonly onSave: (settings: ImageSettings) => void;
}

/** The way to all servers. */
export function ProxyFields({ settings, isDisabled, onSave }: ProxyFieldsProps) {
  const [proxy, setProxy] = useState(settings.proxy ?? '');
  const [noProxy, setNoProxy] = useState(settings.noProxy ?? '');
  const { settings: changed, error } = parseProxy({ proxy, noProxy }, settings);
  const desktops = useDesktopProxy();
  const isSame = proxy === (settings.proxy ?? '') && noProxy === (settings.noProxy ?? '');
  return (
    <div className={styles.proxy}>
      <div className={styles.field}>
        <TextField
          label={say('sources.proxy')}
          value={proxy}
          onChange={setProxy}
          error={error}
          note={say('sources.proxy-note')}
          isDisabled={isDisabled}
          isMono
          placeholder="http://proxy.example.com:3128"
          testId="source-proxy"
        />
        {desktops === undefined || desktops === proxy || isDisabled ? null : (
          <Button size="small" onPress={() => setProxy(desktops)} data-testid="source-proxy-desktop">
            {say('sources.use-desktops', { proxy: desktops })}
          </Button>
        )}
      </div>
      <TextField
        label={say('sources.no-proxy')}
        value={noProxy}
        onChange={setNoProxy}
        note={say('sources.no-proxy-note')}
        isDisabled={isDisabled}
        isMono
      />
      <Button
        isDisabled={isDisabled || isSame || changed === undefined}
        onPress={() => (changed === undefined ? undefined : onSave(changed))}
        data-testid="source-proxy-save"
      >
        {say('sources.save')}
      </Button>
    </div>
  );
}

/** The helper is the computer's and does not see what is set in the user's desktop. */
function useDesktopProxy(): string | undefined {
  const [desktops, setDesktops] = useState<string | undefined>();
  useEffect(() => {
    appRequest('app.desktop-proxy', {}).then(
      ({ proxy }) => setDesktops(proxy),
      () => undefined,
    ); // not known: there is nothing to offer
  }, []);
  return desktops;
}
