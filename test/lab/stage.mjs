import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ESA4, ESA6 } from './net.mjs';
import { Player, sleep } from './player.mjs';
import { NAMES, POLICIES, seeded } from './random.mjs';

const playerDir = fileURLToPath(new URL('./players/', import.meta.url));
const PROXY_ROUTES =
  'ip rule add fwmark 1 lookup 100; ip route replace local default dev lo table 100; ip -6 rule add fwmark 1 lookup 100; ip -6 route replace local default dev lo table 100';
const proxyRules = (port) => `table inet proxy {
 chain p { type filter hook prerouting priority -150
  iifname "eth0" tcp dport ${port} tproxy to :2525 meta mark set 1 accept
  iifname "eth1" tcp sport ${port} meta mark set 1 accept
 }
}`;

/** Where a capture can be taken: both ends, the appliance's link as a mirror port shows it, and the firewall's outside. */
const POINTS = { esa: ['e', 'eth0'], client: ['c', 'eth0'], link: ['b', 'eth1'], outside: ['f', 'eth0'] };

/** Plays a scenario on a lane; gives the recordings' paths and what every player recorded. */
export async function play(scenario, lane, work, keys) {
  const dir = join(work, scenario.id);
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  const rnd = seeded(scenario.id);
  const port = scenario.port ?? 25;
  const timeout = scenario.timeout ?? 8;
  const crew = [];
  let serial = 0;
  const start = (role, file, cfg, name, onSignal) => {
    const path = join(dir, `${name}-${serial++}.json`);
    writeFileSync(path, JSON.stringify(cfg));
    const p = new Player(name, lane.command(role, lane.python, join(playerDir, file), path), { onSignal });
    crew.push(p);
    return p;
  };
  const act = async (orders) => {
    for (const [role, kind, text] of orders ?? []) {
      if (kind === 'nft') await lane.nft(role, text);
      else if (kind === 'sh') await lane.sh(role, text);
      else if (kind === 'sleep') await sleep(text);
      else if (kind === 'device') device?.order(text);
      else if (kind === 'appliance') appliance?.order(text);
      else if (kind === 'relay') relay?.order(text);
    }
  };
  await lane.reset();
  const base = scenario.sameClient ? `198.51.100.${20 + rnd.below(200)}` : null;
  const addressOf = (s) => s.src ?? (s.v6 ? `2001:db8:c::${(0x1000 + rnd.below(0x7000)).toString(16)}` : (base ?? `198.51.100.${20 + rnd.below(200)}`));
  const sessions = scenario.sessions.map((s) => ({ ...s, peer: addressOf(s) }));
  for (const s of sessions) if (!s.noAddress) await lane.address(s.peer);
  if (scenario.os === 'windows') await lane.sh('c', 'sysctl -qw net.ipv4.ip_default_ttl=128 net.ipv4.tcp_timestamps=0');
  if (scenario.offload) await lane.offload('on');
  let device, appliance, relay, capturing;
  try {
    if (scenario.device) {
      await lane.bridge(false);
      device = start('m', 'device.py', scenario.device, 'device');
      await device.until((r) => r.ev === 'ready', 5000);
    }
    await act(scenario.before);
    if (scenario.relay) {
      await lane.sh('f', PROXY_ROUTES);
      await lane.nft('f', scenario.relay.rules ?? proxyRules(port));
      relay = start('f', 'relay.py', { server: scenario.relay.v6 ? ESA6 : (scenario.relay.server ?? ESA4), port, listen: 2525, ...scenario.relay }, 'relay');
      await relay.until((x) => x.ev === 'ready', 5000);
    }
    capturing = (scenario.capture ?? ['esa']).map((point) => {
      const path = join(dir, `${point}.raw.pcap`);
      const [role, face] = POINTS[point === 'esa' ? (scenario.esaAt ?? 'esa') : point];
      const p = new Player(
        `tcpdump-${point}`,
        lane.command(role, 'tcpdump', '-i', face, '--immediate-mode', '-U', '-n', '-w', path, scenario.filter ?? 'tcp or icmp or icmp6[0] < 128'),
        {
          stderrReady: 'listening on',
        },
      );
      return { point, path, p };
    });
    for (const c of capturing) await c.p.until((r) => r.ev === 'ready', 5000);
    const [face, policy] = rnd.pick(POLICIES);
    const icid = rnd.pick([600, 1000, 6400, 20900, 80600, 300900, 700100, 4000700]) + rnd.below(90);
    const mid = rnd.pick([700, 2100, 10600, 40100, 90200, 500100, 3000600]) + rnd.below(90);
    const inbound = sessions.some((s) => s.steps || s.command);
    const esaConfig = {
      addr: sessions.some((s) => s.v6 && s.steps) ? ESA6 : ESA4,
      port,
      icid,
      icid_step: scenario.icidStep ?? 1,
      mid,
      timeout,
      interface: face,
      policy,
      ptr: rnd.pick(NAMES),
      verified: rnd.pick(['yes', 'no']),
      ...keys,
      ...(port === 465 ? { implicit_tls: true } : {}),
      ...scenario.esa,
    };
    if (inbound && !scenario.noListener) {
      appliance = start('e', 'appliance.py', esaConfig, 'appliance');
      await appliance.until((r) => r.ev === 'ready', 8000);
    }
    for (const { role = 'f', ...orders } of [scenario.inject ?? []].flat()) {
      const inj = start(role, 'inject.py', { port, ...orders }, `inject${role === 'f' ? '' : `-${role}`}`);
      await inj.until((r) => r.ev === 'ready', 5000);
    }
    for (const s of sessions.filter((x) => x.deliver && !x.noRemote)) {
      const r = start('c', 'remote.py', { addr: s.peer, port, ...keys, ...s.remote }, `remote-${s.label}`);
      s.server = r;
      await r.until((x) => x.ev === 'ready', 5000);
    }
    await sleep(0.15);
    const signal = (name) => act(scenario.on?.[name]);
    for (const [k, s] of sessions.entries()) {
      if (s.command) {
        s.player = new Player(
          `command-${s.label}`,
          lane.command('c', 'sh', '-c', `${s.command.replaceAll('{ip}', s.peer).replaceAll('{python}', lane.python)}; echo '{"ev":"done"}'`),
        );
        crew.push(s.player);
      } else if (s.steps)
        s.player = start(
          'c',
          'client.py',
          {
            label: s.label,
            src: s.peer,
            dst: s.dst ?? (s.v6 ? ESA6 : ESA4),
            port: s.port ?? port,
            at: s.at ?? 0,
            steps: s.steps.flat(9),
            hold: s.hold,
            stubborn: s.stubborn,
          },
          `client-${s.label}`,
          signal,
        );
      else {
        const first = sessions[0].dcid;
        s.dcid = k > 0 && first ? first + k * 4 : rnd.pick([160, 10300, 72000, 314000, 760700]) + rnd.below(90);
        s.again = sessions.findIndex((o) => o.message !== undefined && o.message === s.message);
        const message = s.again >= 0 ? s.again : k;
        s.mid = mid + 50 + message * 7;
        s.injected = Date.now() / 1000 + (s.deliver.at ?? 0);
        s.icid = icid + 40 + message * 3;
        s.player = start(
          'e',
          'deliver.py',
          {
            src: s.v6 ? ESA6 : ESA4,
            dst: s.peer,
            port,
            dcid: s.dcid,
            mid: s.mid,
            rcpts: ['user@remote.example'],
            tls: 'none',
            timeout: scenario.deliveryTimeout ?? 7,
            ...s.deliver,
          },
          `deliver-${s.label}`,
          signal,
        );
      }
    }
    if (scenario.script) await scenario.script({ lane, act, sleep, appliance, device });
    const limit = Date.now() + (scenario.max ?? timeout + 22) * 1000;
    for (const s of sessions) await s.player.until((r) => r.ev === 'done', Math.max(100, limit - Date.now()));
    const open = () => {
      if (!appliance || appliance.gone) return false;
      const begun = appliance.records.filter((r) => r.ev === 'log' && r.line.startsWith('New SMTP ICID')).length;
      return appliance.records.filter((r) => r.ev === 'end').length < begun;
    };
    while (!scenario.stopEarly && open() && Date.now() < limit) await sleep(0.1);
    await sleep(scenario.linger ?? 0.7);
    for (const c of capturing) await c.p.kill('SIGINT');
    return {
      dir,
      port,
      timeout,
      sessions,
      esaConfig,
      captures: Object.fromEntries(capturing.map((c) => [c.point, c.path])),
      appliance: appliance?.records ?? [],
      crew: crew.map((p) => ({ name: p.name, records: p.records, errors: p.errors })),
    };
  } finally {
    for (const c of capturing ?? []) await c.p.kill('SIGINT');
    for (const p of crew) await p.kill();
    if (scenario.offload) await lane.offload('off');
  }
}
