// SPDX-License-Identifier: MIT
import { useHostPart } from '../../store/current-host.ts';
import { Banner } from '../../ui/Banner.tsx';
import { CommandLine } from '../../ui/CommandLine.tsx';
import { helperDownStrings as strings } from './strings.ts';
import styles from './HelperDown.module.css';

/** Above a screen that shows the last known state because the helper stopped answering. */
export function LostBanner() {
  const link = useHostPart((part) => part.link);
  const explanation = link.state === 'down' ? strings.reasons[link.reason] : undefined;
  const command = explanation?.commands[0];
  return (
    <div className={styles.banner} data-testid="helper-down">
      <Banner
        tone="warning"
        title={strings.lost}
        action={command === undefined ? undefined : <CommandLine line={command.line} />}
      >
        <span>
          {explanation === undefined ? '' : `${explanation.title}. `}
          {strings.lostMore}
        </span>
      </Banner>
    </div>
  );
}
