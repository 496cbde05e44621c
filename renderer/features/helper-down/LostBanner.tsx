// SPDX-License-Identifier: MIT
import { say } from '#messages/say.ts';
import { useHostPart } from '../../store/current-host.ts';
import { Banner } from '../../ui/Banner.tsx';
import { CommandLine } from '../../ui/CommandLine.tsx';
import { waysOut } from './ways-out.ts';
import styles from './HelperDown.module.css';

/** Above a screen that shows the last known state because the helper stopped answering. */
export function LostBanner() {
  const link = useHostPart((part) => part.link);
  const command = link.state === 'down' ? waysOut[link.reason][0] : undefined;
  return (
    <div className={styles.banner} data-testid="helper-down">
      <Banner
        tone="warning"
        title={say('helper-down.lost')}
        action={command === undefined ? undefined : <CommandLine line={command.line} />}
      >
        <span>
          {link.state === 'down' ? `${say(`helper-down.title-${link.reason}`)}. ` : ''}
          {say('helper-down.lost-more')}
        </span>
      </Banner>
    </div>
  );
}
