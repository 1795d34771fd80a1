import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';

const exec = promisify(execFile);
const IP = 'ip';
const NEEDS = ['ip', 'nft', 'iptables', 'conntrack', 'tcpdump', 'openssl', 'python3'];
export const ESA4 = '192.0.2.25';
export const ESA6 = '2001:db8:e::25';

/** Commands that bring an interface up with its addresses. */
const link = (name, ...addresses) => [
  `ip link set ${name} up`,
  `sysctl -qw net.ipv4.conf.${name}.rp_filter=0`,
  ...addresses.map((a) => `ip addr add ${a} dev ${name}${a.includes(':') ? ' nodad' : ''}`),
];

/** What this machine lacks to run the laboratory; empty when nothing does. */
export function findMissing() {
  const missing = [];
  if (process.platform !== 'linux') return ['Linux'];
  if (process.getuid?.() !== 0) missing.push('root');
  for (const tool of NEEDS) if (spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0) missing.push(tool);
  if (missing.length === 0) {
    if (spawnSync(IP, ['netns', 'add', 'whprobe']).status !== 0) missing.push('network namespaces');
    else spawnSync(IP, ['netns', 'del', 'whprobe']);
  }
  return missing;
}

/** One path of namespaces: c (client), m (device), a (router), f (firewall), b (router), e (appliance). */
export class Lane {
  constructor(index) {
    this.index = index;
    this.added = [];
  }

  ns(role) {
    return `wh${this.index}${role}`;
  }

  command(role, ...args) {
    return [IP, ['netns', 'exec', this.ns(role), ...args]];
  }

  async sh(role, text) {
    const [cmd, args] = this.command(role, 'sh', '-c', text);
    return exec(cmd, args);
  }

  async nft(role, rules) {
    const [cmd, args] = this.command(role, 'nft', '-f', '-');
    const run = exec(cmd, args);
    run.child.stdin.end(`${rules}\n`);
    await run;
  }

  async build(python, offloadScript) {
    this.python = python;
    this.offloadScript = offloadScript;
    await this.destroy();
    for (const role of 'cmafbe') await exec(IP, ['netns', 'add', this.ns(role)]);
    const wires = [
      ['c', 'eth0', 'm', 'p0'],
      ['m', 'p1', 'a', 'eth0'],
      ['a', 'eth1', 'f', 'eth0'],
      ['f', 'eth1', 'b', 'eth0'],
      ['b', 'eth1', 'e', 'eth0'],
    ];
    for (const [left, l, right, r] of wires)
      await exec(IP, ['link', 'add', l, 'netns', this.ns(left), 'type', 'veth', 'peer', 'name', r, 'netns', this.ns(right)]);
    const set = (role, lines) => this.sh(role, lines.join('\n'));
    const common = [
      'ip link set lo up',
      'sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0 net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0',
    ];
    const router = [...common, 'sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1'];
    await set('c', [
      ...common,
      ...link('eth0', '198.51.100.1/24', '2001:db8:c::1/64'),
      'ip route add default via 198.51.100.254',
      'ip -6 route add default via 2001:db8:c::fe',
    ]);
    await set('m', [
      ...common,
      'ip link add sw0 type bridge',
      'ip link set sw0 up',
      'ip link set p0 up',
      'ip link set p1 up',
      'ip link set p0 master sw0',
      'ip link set p1 master sw0',
    ]);
    await set('a', [
      ...router,
      ...link('eth0', '198.51.100.254/24', '2001:db8:c::fe/64'),
      ...link('eth1', '10.0.1.1/24', 'fd00:1::1/64'),
      'ip route add default via 10.0.1.2',
      'ip -6 route add default via fd00:1::2',
    ]);
    await set('f', [
      ...router,
      ...link('eth0', '10.0.1.2/24', 'fd00:1::2/64'),
      ...link('eth1', '10.0.2.2/24', 'fd00:2::2/64'),
      'ip route add 198.51.100.0/24 via 10.0.1.1',
      'ip route add 192.0.2.0/24 via 10.0.2.3',
      'ip -6 route add 2001:db8:c::/64 via fd00:1::1',
      'ip -6 route add 2001:db8:e::/64 via fd00:2::3',
      'ip addr add 203.0.113.1/32 dev lo',
      'ip addr add 203.0.113.5/32 dev lo',
    ]);
    await set('b', [
      ...router,
      ...link('eth0', '10.0.2.3/24', 'fd00:2::3/64'),
      ...link('eth1', '192.0.2.1/24', '2001:db8:e::1/64'),
      'ip route add default via 10.0.2.2',
      'ip -6 route add default via fd00:2::2',
    ]);
    await set('e', [...common, ...link('eth0', `${ESA4}/24`, `${ESA6}/64`), 'ip route add default via 192.0.2.1', 'ip -6 route add default via 2001:db8:e::1']);
    await this.offload('off');
    for (const role of 'ce') await this.sh(role, `ping -c1 -W1 ${role === 'c' ? '192.0.2.25' : '198.51.100.1'} >/dev/null 2>&1 || true`);
  }

  async offload(word) {
    for (const role of 'cmafbe') await this.sh(role, `${this.python} ${this.offloadScript} ${word} eth0 eth1 p0 p1`);
  }

  /** Puts the device in or out of the path; out, a kernel bridge does its work. */
  async bridge(on) {
    await this.sh('m', on ? 'ip link set p0 master sw0; ip link set p1 master sw0' : 'ip link set p0 nomaster; ip link set p1 nomaster');
  }

  async address(ip) {
    if (this.added.includes(ip) || ip === '198.51.100.1' || ip === '2001:db8:c::1') return;
    this.added.push(ip);
    await this.sh('c', `ip addr add ${ip}/${ip.includes(':') ? '64 nodad' : '24'} dev eth0`);
  }

  async reset() {
    for (const role of 'ce') await this.sh(role, 'ss -K >/dev/null 2>&1; sleep 0.1; true');
    for (const role of 'cafbe') await this.sh(role, 'nft flush ruleset; iptables -F; iptables -t mangle -F; ip6tables -F; true').catch(() => undefined);
    await this.sh(
      'f',
      'conntrack -F 2>/dev/null; ip rule del fwmark 1 2>/dev/null; ip -6 rule del fwmark 1 2>/dev/null; sysctl -qw net.netfilter.nf_conntrack_tcp_timeout_established=432000 net.netfilter.nf_conntrack_tcp_loose=1 2>/dev/null; true',
    );
    await this.sh(
      'c',
      'sysctl -qw net.ipv4.ip_default_ttl=64 net.ipv4.tcp_timestamps=1 net.ipv6.conf.all.hop_limit=64 net.ipv6.conf.eth0.hop_limit=64; ip link set eth0 up; ip -6 addr replace 2001:db8:c::1/64 dev eth0 nodad; ip route replace default via 198.51.100.254; ip -6 route replace default via 2001:db8:c::fe',
    );
    await this.sh('a', 'ip link set eth1 mtu 1500');
    await this.sh('f', 'ip link set eth0 mtu 1500');
    for (const role of 'ce') await this.sh(role, 'sysctl -qw net.ipv4.tcp_ecn=2 net.ipv4.tcp_ecn_fallback=1; ip route flush cache; true');
    await this.sh('b', 'ip route del 203.0.113.0/24 2>/dev/null; true');
    await this.sh('c', 'ip route flush cache; ip tcp_metrics flush 2>/dev/null; true');
    for (const ip of this.added) await this.sh('c', `ip addr del ${ip}/${ip.includes(':') ? 64 : 24} dev eth0`).catch(() => undefined);
    this.added = [];
    await this.bridge(true);
  }

  async destroy() {
    for (const role of 'cmafbe') await exec(IP, ['netns', 'del', this.ns(role)]).catch(() => undefined);
  }
}
