// Says to a screen reader what those who see the page see: a device that goes, one that comes back, a lost connection.
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useSession, useSpeech } from '../pieces/session.js';

export function Announcer(): JSX.Element {
  const { site } = useSession();
  const { texts, reason } = useSpeech();
  const [text, setText] = useState('');
  useEffect(() => {
    const { announce } = texts;
    site.onAnnouncement = (announcement) => {
      if (announcement.kind === 'alarm') setText(announce.alarm(announcement.message));
      else if (!('device' in announcement)) setText(announce[announcement.kind]);
      else {
        const { meta, availability } = announcement.device;
        const why = availability.reason === undefined ? '' : reason(availability.reason);
        setText(announcement.kind === 'back' ? announce.back(meta.label) : announce.offline(meta.label, why));
      }
    };
    return () => {
      site.onAnnouncement = () => undefined;
    };
  }, [site, texts, reason]);
  return (
    <p id="announcer" class="visually-hidden" role="status" aria-live="polite">
      {text}
    </p>
  );
}
