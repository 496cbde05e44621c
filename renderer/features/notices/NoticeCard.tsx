// SPDX-License-Identifier: MIT
import { CircleAlert, CircleCheck, Info, X } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useLocation } from 'wouter';
import { say } from '#messages/say.ts';
import { instanceAddress } from '../../lib/addresses.ts';
import { classNames } from '../../lib/class-names.ts';
import { startWithConsent, takeBack } from '../../store/commands.ts';
import { dismiss, useBerth } from '../../store/index.ts';
import type { Notice } from '../../store/notices.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import styles from './Notices.module.css';

const icons = { good: CircleCheck, bad: CircleAlert, plain: Info } as const;

/** How long a notice that is no error stays; longer where something can be undone. */
const shownMs = 6000;
const undoableMs = 15_000;

export function NoticeCard({ notice }: { readonly notice: Notice }) {
  const [isHeld, setIsHeld] = useState(false);
  const [location, navigate] = useLocation();
  useEffect(() => {
    if (notice.tone === 'bad' || isHeld) return undefined;
    const timer = setTimeout(() => dismiss(notice.id), notice.undoneBy !== undefined ? undoableMs : shownMs);
    return () => clearTimeout(timer);
  }, [notice, isHeld]);
  const isShown = notice.tab !== undefined && location === addressOf(notice, notice.tab);
  useEffect(() => {
    if (isShown) dismiss(notice.id); // the page itself tells it
  }, [isShown, notice.id]);
  const Icon = icons[notice.tone];
  const { instance } = notice;
  const exists = useBerth((state) => instance !== undefined && state.instances[instance] !== undefined);
  const address = addressOf(notice);
  const isThere = location === address || location.startsWith(`${address}/`);
  const open = (tab?: string): void => {
    navigate(addressOf(notice, tab) ?? '/');
    dismiss(notice.id);
  };
  return (
    <div
      className={classNames(styles.notice, styles[notice.tone])}
      role={notice.tone === 'bad' ? 'alert' : 'status'}
      onPointerEnter={() => setIsHeld(true)}
      onPointerLeave={() => setIsHeld(false)}
      onFocus={() => setIsHeld(true)}
      onBlur={() => setIsHeld(false)}
    >
      <Icon size={16} aria-hidden="true" />
      <div className={styles.text}>
        <strong>{notice.title}</strong>
        {notice.message === undefined ? null : <p>{notice.message}</p>}
        {notice.hint === undefined ? null : <p className={styles.hint}>{notice.hint}</p>}
        {notice.consoleTail === undefined || notice.consoleTail.length === 0 ? null : (
          <pre>{notice.consoleTail.slice(-4).join('\n')}</pre>
        )}
        {exists ? <Ways notice={notice} open={open} /> : null}
      </div>
      {notice.undoneBy !== undefined && instance !== undefined ? (
        <Button
          size="small"
          data-testid="undo-delete"
          onPress={() => void takeBack(notice.id, notice.undoneBy!, instance)}
        >
          {say('notices.undo')}
        </Button>
      ) : null}
      {notice.tone === 'good' && instance !== undefined && notice.undoneBy === undefined && exists && !isThere ? (
        <Button size="small" tone="quiet" onPress={() => open()}>
          {say('notices.open')}
        </Button>
      ) : null}
      <IconButton label={say('common.dismiss')} icon={<X />} onPress={() => dismiss(notice.id)} />
    </div>
  );
}

function addressOf({ instance }: Notice, tab?: string): string | undefined {
  return instance === undefined ? undefined : instanceAddress(instance, tab);
}

interface WaysProps {
  readonly notice: Notice;
  readonly open: (tab?: string) => void;
}

/** Where to go from a notice about an instance that is there. */
function Ways({ notice: { id, instance, tab, isConsentAsked, isBootFailure }, open }: WaysProps) {
  if (isConsentAsked === true && instance !== undefined)
    return (
      <div>
        <Button size="small" data-testid="start-with-consent" onPress={() => void startWithConsent(id, instance)}>
          {say('notices.start-with-consent')}
        </Button>
      </div>
    );
  if (tab !== undefined)
    return (
      <div>
        <Button size="small" data-testid={`notice-${tab}`} onPress={() => open(tab)}>
          {say(`${tab}.tab`)}
        </Button>
      </div>
    );
  return isBootFailure === true ? (
    <div>
      <Button size="small" onPress={() => open('console')}>
        {say('console.tab')}
      </Button>
    </div>
  ) : null;
}
