/** Shown above the options by `--help`, and alone when the program is called without arguments. */
export const LESSON = `whohungup tells who ended a mail session: the client, the appliance, or a box in between.
Give it what you have: packet captures, mail_logs, directories, in any mix.

  whohungup capture.pcap mail_logs                 the verdicts, interrupted sessions first
  whohungup transcript capture.pcap mail_logs --icid 10293
                                                   one session side by side: client | packets | appliance | log
  whohungup trace mail_logs euq_logs --mid 1357    where a message went: quarantine, release, delivery, the receiver's response
  whohungup messages mail_logs --undelivered       all messages with what became of them
  whohungup connections mail_logs                  all ICIDs and DCIDs with how they ended by the log
  whohungup explain rst-hops-differ                what a finding means, how often it misleads, what to do
  whohungup report capture.pcap mail_logs -o incident.html
                                                   a page for the browser: verdicts, sequence diagrams, transcripts, overview
  whohungup extract capture.pcap mail_logs --icid 10293 -o evidence.pcapng
                                                   its packets and log lines alone, with comments for Wireshark
  whohungup share capture.pcap mail_logs -o bundle
                                                   the same without names, bodies and credentials, for giving away
  whohungup verify capture.pcap mail_logs          both capture readers must agree on every packet that is cited

Narrow down:
  whohungup capture.pcap mail_logs --client 198.51.100.0/24 --since 2026-11-21T17:00
  whohungup capture.pcap mail_logs --mid 1404
Say what you know, where it is not found out:
  whohungup capture.pcap mail_logs --log-tz Europe/Berlin --appliance 192.0.2.25
Open TLS with the sender's key log:
  whohungup capture.pcap mail_logs --keylog sender.keys
A second capture, taken elsewhere at the same time:
  whohungup appliance.pcap mail_logs --at client=client.pcap
  whohungup compare appliance.pcap mail_logs --at client=client.pcap
                                                   what the path between them did to the packets
First steps:
  whohungup demo                                   shipped incidents with their stories
  source <(whohungup completion bash)              commands, options and files completed (also zsh, fish)
For scripts:
  whohungup capture.pcap mail_logs --json --exit-code
  ssh jumphost cat capture.pcap | whohungup - mail_logs
`;

export const LESSON_END = '\nAll options: whohungup --help, or of one command: whohungup transcript --help\n';

export const EXIT_HELP = `
Exit status: 0 done, 1 harm found (only with --exit-code), 2 wrong usage, 3 nothing readable, 4 an input was damaged or incomplete,
5 verify found a disagreement or share could not keep a verdict, 70 an error of whohungup itself, 74 the output could not be written, 130 interrupted.
`;
