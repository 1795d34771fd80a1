import { decode } from './pcap.mjs';

const KEYS = ['cause', 'actor', 'stage'];

/** 'rst/client/*' to {cause, actor}; 'x>=0.7' adds confidence_ge. */
function reading(text) {
  const [path, least] = text.split('>=');
  const out = {};
  path.split('/').forEach((word, k) => {
    if (word !== '*' && word !== '') out[KEYS[k]] = word;
  });
  if (least) out.confidence_ge = Number(least);
  return out;
}

/** First and last packets' facts of one connection, as the check and the label need them. */
function observe(capture, who) {
  const frames = capture.packets.map((p, k) => ({ ...decode(p.data), us: p.us, frame: k + 1, bytes: p.data.length })).filter((f) => f.src);
  const mine = frames.filter((f) => (f.sport === who.client_port && f.src === who.client_ip) || (f.dport === who.client_port && f.dst === who.client_ip));
  const side = (f) => (f.sport === who.client_port && f.src === who.client_ip ? 'c' : 's');
  const ends = mine.filter((f) => f.fin || f.rst);
  return {
    packets: mine.length,
    ends: ends.map((f) => ({
      frame: f.frame,
      t: f.us / 1e6,
      from: side(f) === 'c' ? 'opener' : 'acceptor',
      flags: `${f.rst ? 'R' : 'F'}${f.acked ? 'A' : ''}`,
      ttl: f.ttl,
      ipid: f.id,
      tsopt: f.ts,
      win: f.win,
    })),
    order: ends.map((f) => `${side(f)}${f.rst ? 'R' : 'F'}`),
    texts: mine.map((f) => `${side(f)}:${f.text}`),
    ttls: { c: [...new Set(mine.filter((f) => side(f) === 'c').map((f) => f.ttl))], s: [...new Set(mine.filter((f) => side(f) === 's').map((f) => f.ttl))] },
  };
}

export function label(scenario, run, capture, files, logs, dress) {
  const ended = run.appliance.filter((r) => r.ev === 'end');
  const used = new Set();
  const sessions = [];
  for (const s of run.sessions) {
    const truth = s.truth;
    const addr = s.player.records.find((r) => r.ev === 'addr');
    let who, record;
    if (s.deliver) {
      record = s.player.records.find((r) => r.ev === 'end');
      who = {
        direction: 'outbound',
        icid: null,
        dcid: s.dcid,
        mids: [s.mid],
        client_ip: addr.ip,
        client_port: addr.port,
        server_ip: s.peer,
        server_port: run.port,
      };
    } else {
      record =
        ended.find((r) => s.command && r.peer === s.peer && !used.has(r)) ??
        ended.find((r) => addr && !used.has(r) && r.peer === addr.ip && r.port === addr.port) ??
        (s.hidden
          ? ended.find(
              (r) =>
                !used.has(r) &&
                (s.expect?.at === undefined || s.expect.at === r.stage) &&
                (s.ofMany !== true || r.reason === s.expect.end) &&
                !run.sessions.some((o) => o !== s && o.player.records.some((a) => a.ev === 'addr' && a.ip === r.peer && a.port === r.port)),
            )
          : undefined);
      if (record) used.add(record);
      who = {
        direction: 'inbound',
        icid: truth.noIcid ? null : (record?.icid ?? null),
        dcid: null,
        mids: record?.mids ?? [],
        client_ip: record?.peer ?? addr?.ip,
        client_port: record?.port ?? addr?.port,
        server_ip: s.v6 ? '2001:db8:e::25' : '192.0.2.25',
        server_port: s.port ?? run.port,
      };
      if (addr && (addr.ip !== who.client_ip || addr.port !== who.client_port || s.dst))
        who.client_side_addr = { client_ip: addr.ip, client_port: addr.port, server_ip: s.dst ?? who.server_ip, server_port: who.server_port };
    }
    if (truth.seenAs) Object.assign(who, truth.seenAs);
    const seen = observe(capture.esa, who);
    sessions.push({
      label: s.label,
      ...who,
      cause: truth.cause,
      actor: truth.actor,
      stage: truth.stage,
      mechanism: truth.mechanism ?? scenario.title,
      encrypted: truth.encrypted ?? false,
      certain: truth.certain,
      accept: truth.accept.map(reading),
      ...(truth.acceptStage.length ? { accept_stage: truth.acceptStage } : {}),
      must_not: truth.mustNot.map(reading),
      physical: truth.physical ? reading(truth.physical) : { cause: truth.cause, actor: truth.actor, stage: truth.stage },
      visible_at: Object.keys(files),
      ...(truth.silent ? { silent_side: truth.silent } : {}),
      ...(truth.secondary ? { secondary: truth.secondary } : {}),
      ...(truth.interference ? { interference: truth.interference } : {}),
      note: truth.note ?? '',
      observed: { esa: { packets: seen.packets, terminal: seen.ends, ttls_opener: seen.ttls.c, ttls_acceptor: seen.ttls.s } },
      check: { record, seen },
    });
  }
  return {
    id: scenario.id,
    title: scenario.title,
    tags: scenario.tags ?? [],
    vantage: files,
    logs,
    settings: {
      inbound_timeout_s: scenario.settings?.inbound_timeout_s ?? run.timeout,
      total_time_limit_s: scenario.esa?.total ?? 900,
      log_timezone: dress.zone,
      appliance_ips: ['192.0.2.25', '2001:db8:e::25'],
      listener_ports: [run.port],
      max_message_size: run.esaConfig.size ?? 20971520,
    },
    log_clock_offset_s: dress.offset,
    log_offset_determinable: scenario.log?.determinable ?? (Object.keys(logs).length > 0 && !scenario.log?.keep),
    sessions,
    verified: [],
  };
}
