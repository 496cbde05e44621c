// SPDX-License-Identifier: MIT
import { ChevronLeft } from 'lucide-react';
import { Link } from 'wouter';
import type { HostOperation } from '#contract/host-keys.ts';
import { say } from '#messages/say.ts';
import { amountWords, stepWords } from '../../lib/progress-words.ts';
import { cancelOperation } from '../../store/commands.ts';
import { Button } from '../../ui/Button.tsx';
import { ProgressBar } from '../../ui/ProgressBar.tsx';
import styles from './ComingPage.module.css';

/** The page of an instance whose image is still on its way. */
export function ComingPage({ launch }: { readonly launch: HostOperation }) {
  const { progress, target } = launch;
  return (
    <main className={styles.screen}>
      <header className={styles.header}>
        <Link
          to="/"
          className={styles.back}
          aria-label={say('common.screen-instances')}
          title={say('common.screen-instances')}
        >
          <ChevronLeft size={18} />
        </Link>
        <h1 title={target}>{target}</h1>
        <Button isDisabled={!launch.cancellable} onPress={() => void cancelOperation(launch.host, launch.id)}>
          {say('common.cancel')}
        </Button>
      </header>
      <section className={styles.body} data-testid="coming-progress">
        <h2 role="status">{stepWords(progress)}</h2>
        <ProgressBar label={say('instance.coming', { name: target })} fraction={progress?.fraction} />
        <p className={styles.amounts}>{amountWords(progress)}</p>
        <p className={styles.soft}>{say('instance.coming-text')}</p>
      </section>
    </main>
  );
}
