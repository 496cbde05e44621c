// SPDX-License-Identifier: MIT
import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { say } from '#messages/say.ts';
import { classNames } from '../lib/class-names.ts';
import { IconButton } from './Button.tsx';
import styles from './Dialog.module.css';

interface DialogProps {
  readonly title: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly footer: ReactNode;
  readonly role?: 'dialog' | 'alertdialog';
  readonly size?: 'normal' | 'wide';
}

/** A window over the window: Escape and the cross close it. */
export function Dialog({ title, isOpen, onClose, children, footer, role = 'dialog', size = 'normal' }: DialogProps) {
  return (
    <ModalOverlay
      isOpen={isOpen}
      onOpenChange={(open) => (open ? undefined : onClose())}
      isDismissable={role === 'dialog'}
      className={styles.overlay!}
    >
      <Modal className={classNames(styles.modal, size === 'wide' && styles.wide)}>
        <AriaDialog role={role} className={styles.dialog!}>
          <header className={styles.header}>
            <Heading slot="title" level={2}>
              {title}
            </Heading>
            <IconButton label={say('common.close')} icon={<X />} onPress={onClose} />
          </header>
          <div className={styles.body}>{children}</div>
          <footer className={styles.footer}>{footer}</footer>
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}
