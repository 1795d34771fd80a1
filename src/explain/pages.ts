/** A page of the manual on findings. */
export interface FindingPage {
  /** File name without its ending, and a name by which it is asked for. */
  readonly page: string;
  readonly title: string;
  /** Causes, kinds of evidence, of interference and of differences between two captures that it tells of. */
  readonly findings: readonly string[];
}

/** Every page of `docs/findings`, in the order of a list: causes first, then what carries them, then what two points show. */
export const PAGES: readonly FindingPage[] = [
  { page: 'refused', title: 'The connection was refused', findings: ['refused', 'syn-refused', 'reset-before-banner'] },
  { page: 'tls-failure', title: 'The TLS handshake failed', findings: ['tls-failure', 'tls-alert', 'tls-hidden-alert', 'tls-handshake-cut'] },
  { page: 'starttls', title: 'STARTTLS was refused, or answered in clear', findings: ['starttls-refused', 'starttls-answered-in-clear'] },
  { page: 'timeout', title: 'Somebody gave up waiting', findings: ['timeout', 'timeout-text'] },
  { page: 'silent-drop', title: 'Packets vanished', findings: ['silent-drop'] },
  { page: 'rejected', title: 'A reply refused the mail', findings: ['rejected', 'reply-rejected', 'log-rejected', 'log-abort-by-policy'] },
  { page: 'completed', title: 'The session ended well', findings: ['completed', 'message-accepted', 'log-ready', 'log-delivered'] },
  { page: 'client-quit', title: 'The client said QUIT', findings: ['client-quit', 'quit-sent', 'quit-inferred'] },
  { page: 'rst', title: 'A reset ended the session', findings: ['rst', 'rst-first', 'genuine-reset'] },
  { page: 'premature-fin', title: 'Closed without QUIT', findings: ['premature-fin', 'fin-first', 'fin-acknowledged'] },
  { page: 'still-open', title: 'The inputs end before the session does', findings: ['still-open'] },
  { page: 'undetermined', title: 'The inputs do not decide', findings: ['undetermined'] },
  { page: 'no-handshake', title: 'The connection was never opened', findings: ['syn-unanswered', 'synack-unanswered'] },
  {
    page: 'fin-forged',
    title: 'A FIN that its named sender did not send',
    findings: ['fin-hops-differ', 'fin-lacks-timestamps', 'alive-after-fin', 'ack-beyond-sent'],
  },
  { page: 'tls-hides', title: 'TLS hides what was said', findings: ['tls-hides', 'records-like-quit', 'close-notify-first'] },
  {
    page: 'tls-records',
    title: 'What encrypted records tell',
    findings: ['quit-in-records', 'no-quit-in-records', 'notice-in-records', 'end-unanswered-in-records'],
  },
  { page: 'rst-shapes', title: 'Two genuine shapes of a RST', findings: ['rst-active-shape', 'rst-reactive-shape'] },
  {
    page: 'rst-hops-differ',
    title: 'The RST took another way',
    findings: ['rst-hops-differ', 'rst-hops-agree', 'rst-after-route-change', 'rst-alike-elsewhere'],
  },
  { page: 'rst-paired', title: 'A device reset both ends', findings: ['rst-paired', 'own-rst-travelled'] },
  {
    page: 'rst-identity',
    title: "Does the RST continue its sender's packets?",
    findings: [
      'rst-continues-stack',
      'rst-ip-id-breaks',
      'rst-lacks-timestamps',
      'rst-foreign-to-socket',
      'rst-fragment-bit-differs',
      'rst-copies-fields',
      'rst-constant-id',
      'rst-tos-differs',
    ],
  },
  {
    page: 'rst-sequence',
    title: 'RSTs with odd sequence numbers',
    findings: ['rst-sequence-wrong', 'rst-multiple', 'rst-ahead', 'rst-acks-unseen', 'challenge-answered', 'stray-rst'],
  },
  { page: 'alive-after-rst', title: 'The sender went on after "its" RST', findings: ['alive-after-rst'] },
  { page: 'rst-other-mac', title: 'The RST came from another neighbour', findings: ['rst-other-mac', 'rst-other-vlan'] },
  { page: 'rst-too-soon', title: 'The RST answered faster than its sender can', findings: ['rst-too-soon'] },
  {
    page: 'waiting',
    title: 'How long somebody waited',
    findings: ['wait-before-end', 'wait-fits-timer', 'wait-whole-seconds', 'window-closed', 'log-waited', 'appliance-pressed'],
  },
  { page: 'notice', title: 'A farewell in words', findings: ['notice'] },
  { page: 'peer-alive', title: 'The other host was alive', findings: ['peer-stack-alive', 'last-word-acknowledged'] },
  { page: 'reset-answers-close', title: 'The peer had already lost the connection', findings: ['reset-answers-close'] },
  { page: 'vanished-packets', title: 'Proof that packets vanished', findings: ['never-acknowledged', 'hole-never-filled', 'phantom-octets', 'ip-id-ledger'] },
  { page: 'path-mtu', title: 'Only large packets die', findings: ['only-full-segments-missing'] },
  { page: 'content-stop', title: 'Every try stops at the same octet', findings: ['stops-at-same-octet'] },
  { page: 'window-scale', title: "The window's scale was lost", findings: ['only-beyond-unscaled-window', 'window-taken-unscaled'] },
  { page: 'ecn', title: 'SYNs that ask for ECN are dropped', findings: ['ecn-unanswered'] },
  { page: 'icmp-error', title: 'A box said that it refuses', findings: ['icmp-error'] },
  { page: 'address-moved', title: 'The connection came back from another port', findings: ['address-moved'] },
  { page: 'idle-expiry', title: 'A firewall forgot an idle connection', findings: ['idle-expiry', 'idle-expired', 'silent-after-idle'] },
  { page: 'accepted-unheard', title: 'Accepted, but the client did not hear it', findings: ['accepted-unheard', 'log-possible-delivery'] },
  {
    page: 'two-points',
    title: 'Two captures of one connection',
    findings: ['vantage-injected', 'vantage-swallowed', 'vantage-sent', 'vantage-absent', 'injected', 'swallowed'],
  },
  {
    page: 'altered',
    title: 'Words that nobody said',
    findings: ['vantage-altered', 'altered', 'answered', 'stream-altered', 'foreign-reply', 'reply-unlogged'],
  },
  { page: 'capture-limits', title: 'What the capture cannot show', findings: ['capture-ends', 'capture-missed-octets', 'one-direction', 'began-late'] },
  { page: 'log-lost', title: '"ICID ... lost" and silence in the log', findings: ['log-lost', 'log-close-only', 'log-only-message-lines'] },
  { page: 'log-aborted', title: '"Receiving aborted" in the log', findings: ['log-aborted', 'log-by-sender'] },
  { page: 'log-delivery', title: 'Delivery lines of the log', findings: ['log-connection-error', 'log-timeout', 'log-killed', 'log-tls-failed'] },
  { page: 'log-contradicts', title: 'Log and packets disagree', findings: ['log-contradicts', 'log-before-wire'] },
  { page: 'command-masked', title: 'Commands overwritten with X', findings: ['command-masked'] },
  { page: 'banner-masked', title: 'The greeting was overwritten', findings: ['banner-masked', 'banner-rewritten'] },
  {
    page: 'capability-masked',
    title: 'Keywords taken out of the EHLO answer',
    findings: [
      'capability-masked',
      'starttls-stripped',
      'starttls-missing',
      'starttls-never-used',
      'tls-given-up',
      'capability-missing',
      'capability-unexpected',
    ],
  },
  { page: 'inspection-limit', title: 'A limit of SMTP inspection was reached', findings: ['inspection-limit'] },
  { page: 'options-stripped', title: 'TCP options changed on the way', findings: ['option-stripped', 'options-stripped', 'segment-size-clamped'] },
  { page: 'sequence-shift', title: 'Sequence numbers are shifted', findings: ['sequence-shift', 'sack-impossible'] },
  { page: 'proxy', title: 'A proxy stands in between', findings: ['proxy', 'one-box-many-peers', 'helo-is-address'] },
  { page: 'syn-proxy', title: 'A device opened the connection', findings: ['handshake-from-elsewhere', 'handshake-other-clock'] },
  { page: 'dialogue-habits', title: 'Odd turns of a dialogue', findings: ['end-of-data-split', 'cut-after-pipelining', 'dialogue-replayed'] },
  { page: 'firewall-logs', title: 'Which lines to pull from the firewall', findings: ['firewall-logs'] },
];
