// SPDX-License-Identifier: MIT
import { applyEvent } from './apply-event.ts';
import type { LinkMessage } from './desktop.ts';
import { applyImages, applySnapshot, type HostsView } from './hosts-view.ts';

/** The view after a message of the link; the same view where the message is about something else. */
export function applyLinkMessage(view: HostsView, message: LinkMessage): HostsView {
  switch (message.kind) {
    case 'snapshot':
      return applySnapshot(view, message.host, message.snapshot, message.phases);
    case 'event':
      return applyEvent(view, message.host, message.event.body);
    case 'images':
      return applyImages(view, message.host, message.images);
    case 'link':
    case 'transfers':
      return view;
    default:
      return message satisfies never;
  }
}
