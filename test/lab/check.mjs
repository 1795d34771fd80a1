/** Compares what happened with what the scenario claims; gives the contradictions, and the claims that hold. */
export function check(scenario, run, truth) {
  const wrong = [];
  const held = [];
  truth.sessions.forEach((t, k) => {
    const s = run.sessions[k];
    const expected = s.expect ?? {};
    const { record, seen } = t.check;
    const claim = (ok, text) => (ok ? held : wrong).push(`${t.label}: ${text}`);
    if (expected.end)
      claim(
        [expected.end].flat().some((e) => (record?.reason ?? 'nothing').startsWith(e)),
        `the appliance's socket ended by ${[expected.end].flat().join(' or ')} (it recorded ${record?.reason})`,
      );
    if (expected.at) claim(record?.stage === expected.at, `the appliance was at stage ${expected.at} (it recorded ${record?.stage})`);
    if (expected.order)
      claim(
        seen.order.join(' ').startsWith(expected.order),
        `FIN and RST at the appliance begin with ${expected.order} (seen ${seen.order.join(' ') || 'none'})`,
      );
    if (expected.exactly !== undefined)
      claim(
        seen.order.join(' ') === expected.exactly,
        `FIN and RST at the appliance are ${expected.exactly || 'none'} (seen ${seen.order.join(' ') || 'none'})`,
      );
    if (expected.ttl)
      claim(seen.ends[expected.ttl[0]]?.ttl === expected.ttl[1], `end ${expected.ttl[0]} has TTL ${expected.ttl[1]} (seen ${seen.ends[expected.ttl[0]]?.ttl})`);
    for (const text of expected.has ?? [])
      claim(
        seen.texts.some((x) => x.includes(text)),
        `capture shows ${JSON.stringify(text)}`,
      );
    for (const text of expected.hasNot ?? []) claim(!seen.texts.some((x) => x.includes(text)), `capture does not show ${JSON.stringify(text)}`);
    for (const side of expected.resets ?? [])
      claim(seen.order.includes(`${side}R`), `a RST in the name of ${side} is there (seen ${seen.order.join(' ') || 'none'})`);
    if (expected.ttls) claim(expected.ttls.join() === seen.ttls.c.join(), `the opener's packets have TTL ${expected.ttls} (seen ${seen.ttls.c})`);
    if (expected.packets !== undefined)
      claim(
        expected.packets === 0 ? seen.packets === 0 : seen.packets >= expected.packets,
        `packets at the appliance: ${expected.packets} (seen ${seen.packets})`,
      );
    if (expected.client)
      claim(
        s.player.records.some((r) => (r.ev === 'peer' || r.ev === 'done') && String(r.how).startsWith(expected.client)),
        `the client's socket ended by ${expected.client} (${JSON.stringify(s.player.records.filter((r) => r.ev === 'peer'))})`,
      );
  });
  for (const [name, count] of Object.entries(scenario.forged ?? {})) {
    const n = run.crew.find((c) => c.name === name)?.records.filter((r) => r.ev === 'forged').length ?? 0;
    (n === count ? held : wrong).push(`${name} forged ${count} packets (${n})`);
  }
  for (const c of run.crew)
    if (/Traceback/.test(c.errors) && !c.name.startsWith('tcpdump')) wrong.push(`${c.name} failed: ${c.errors.trim().split('\n').at(-1)}`);
  return { wrong, held };
}
