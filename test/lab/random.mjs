/** Small repeatable random source, seeded by a text: the same scenario always gets the same addresses and numbers. */
export function seeded(text) {
  let state = 2166136261;
  for (const ch of text) state = Math.imul(state ^ ch.charCodeAt(0), 16777619) >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const below = (n) => Math.floor(next() * n);
  return { below, pick: (list) => list[below(list.length)] };
}

export const ZONES = ['UTC', 'America/Los_Angeles', 'Europe/Berlin', 'Asia/Tokyo', 'Asia/Kolkata', 'America/New_York', 'Australia/Adelaide', 'Asia/Kathmandu'];
export const OFFSETS = [0, 0, 0, 1.3, 4, -2, -11, 37, -95];
export const FORMS = ['pcap', 'pcap', 'pcap', 'pcap', 'pcapng', 'pcapng', 'pcap.gz', 'nano', 'pcapng.gz', 'pcapng-nano'];
export const VERSIONS = ['8.5.6-074', '9.7.1-066', '14.2.0-620', '15.0.1-030'];
export const POLICIES = [
  ['Management', 'RELAY SG RELAY_SG match {ip} SBRS not enabled'],
  ['Data 1', 'ACCEPT SG UNKNOWNLIST match sbrs[none] SBRS None'],
  ['PublicNet', 'ACCEPT SG SUSPECTLIST match sbrs[none] SBRS 2.3'],
  ['IncomingMail', 'ACCEPT SG ACCEPTLIST match sbrs[none] SBRS 5.1 country France'],
];
export const NAMES = ['unknown', 'mail.client.example', 'ns.example.com', 'host31.example.org', 'host77.example.org'];
