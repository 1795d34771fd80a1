"""Watches the packets that pass the firewall and forges resets with chosen header fields."""
import re
import socket
import struct
import time

from wire import config, listen_for_orders, record

C = config()
listen_for_orders()
tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
tap.bind((C.get("tap", "eth0"), 0))
raw4 = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
raw6 = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_RAW)
last, next_seq, fired, seen = {}, {}, 0, 0


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    n = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while n >> 16:
        n = (n & 0xFFFF) + (n >> 16)
    return ~n & 0xFFFF


def parse(f):
    if f[12:14] == b"\x08\x00":
        ip, off = f[14:], (f[14] & 15) * 4
        if ip[9] != 6:
            return None
        src, dst, ttl, ident, df, end = ip[12:16], ip[16:20], ip[8], struct.unpack("!H", ip[4:6])[0], ip[6] & 64, struct.unpack("!H", ip[2:4])[0]
    elif f[12:14] == b"\x86\xdd" and f[20] == 6:
        ip, off = f[14:], 40
        src, dst, ttl, ident, df, end = ip[8:24], ip[24:40], ip[7], 0, 0, 40 + struct.unpack("!H", ip[4:6])[0]
    else:
        return None
    t = ip[off:end]
    sp, dp, seq, ack, o, flags, win = struct.unpack("!HHIIBBH", t[:16])
    head = (o >> 4) * 4
    return dict(src=src, dst=dst, ttl=ttl, id=ident, df=df, sp=sp, dp=dp, seq=seq, ack=ack, flags=flags, win=win, opts=t[20:head], data=t[head:], at=time.monotonic())


def forge(p, r, nxt, ack):
    """a reset in the name of p's sender; r holds the fields that differ from what a copy would have"""
    opts = p["opts"] if r.get("ts") else b""
    if opts and r.get("ts_step"):
        val, echo = struct.unpack("!II", opts[4:12])
        opts = opts[:4] + struct.pack("!II", (val + r["ts_step"]) & 0xFFFFFFFF, echo)
    flags = r.get("flags", 0x14)
    seq = (nxt + r.get("seq", 0)) & 0xFFFFFFFF
    tcp = struct.pack("!HHIIBBHHH", p["sp"], p["dp"], seq, ack if flags & 16 else 0, (5 + len(opts) // 4) << 4, flags, p["win"] if r.get("win") == "copy" else r.get("win", 0), 0, 0) + opts + r.get("data", "").encode()
    pseudo = p["src"] + p["dst"] + (struct.pack("!BBH", 0, 6, len(tcp)) if len(p["src"]) == 4 else struct.pack("!IHBB", len(tcp), 0, 0, 6))
    tcp = tcp[:16] + struct.pack("!H", checksum(pseudo + tcp) ^ (0x5555 if r.get("bad_sum") else 0)) + tcp[18:]
    ttl = p["ttl"] - 1 + r.get("ttl_step", 0) if r.get("ttl", "copy") == "copy" else r["ttl"]
    if len(p["src"]) == 4:
        ident = (p["id"] + r.get("id_step", 1)) & 0xFFFF if r.get("id", "copy") == "copy" else r["id"]
        ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), ident, 0x4000 if r.get("df", True) else 0, ttl, 6, 0, p["src"], p["dst"])
        raw4.sendto(ip + tcp, (socket.inet_ntoa(p["dst"]), 0))
    else:
        ip = struct.pack("!IHBB16s16s", 0x60000000, len(tcp), 6, ttl, p["src"], p["dst"])
        raw6.sendto(ip + tcp, (socket.inet_ntop(socket.AF_INET6, p["dst"]), 0))
    record(ev="forged", to=socket.inet_ntop(socket.AF_INET if len(p["dst"]) == 4 else socket.AF_INET6, p["dst"]), seq=r.get("seq", 0), ttl=ttl)


def fire():
    for r in C["resets"]:
        if r.get("after"):
            time.sleep(r["after"])
            drain()
        to_server = r["to"] == "server"
        mine, other = last.get(to_server), last.get(not to_server)
        if not mine:
            continue
        forge(mine, r, next_seq[to_server], next_seq.get(not to_server, other["ack"] if other else 0))


def note(p):
    to_server = p["dp"] == C["port"]
    if not to_server and p["sp"] != C["port"]:
        return None
    size = len(p["data"]) + (1 if p["flags"] & 3 else 0)
    end = (p["seq"] + size) & 0xFFFFFFFF
    if to_server not in next_seq or (end - next_seq[to_server]) & 0xFFFFFFFF < 1 << 31:
        next_seq[to_server] = end
    last[to_server] = p
    return to_server


def drain():
    tap.setblocking(False)
    try:
        while True:
            f, where = tap.recvfrom(65535)
            p = parse(f)
            if p:
                note(p)
    except BlockingIOError:
        pass


def renew(p):
    """a new connection: everything begins anew where the box strikes again and again"""
    global fired, seen
    if C.get("again") and p["flags"] & 0x17 == 2:
        last.clear()
        next_seq.clear()
        fired = seen = 0


record(ev="ready")
while True:
    tap.settimeout(0.05)
    try:
        f, where = tap.recvfrom(65535)
        p = parse(f)
    except socket.timeout:
        p = None
    on = C["when"]
    if p is not None:
        renew(p)
    if p is not None and note(p) is not None:
        if "text" in on and re.search(on["text"].encode(), p["data"]) and (p["dp"] == C["port"]) == (on.get("from", "client") == "client"):
            seen += 1
            if seen == on.get("nth", 1) and not fired:
                fired = 1
                time.sleep(on.get("after", 0))
                drain()
                fire()
        if "flags" in on and p["flags"] & 0x17 == on["flags"] and not fired:
            fired = 1
            fire()
    if "idle" in on and not fired and True in last and False in last and time.monotonic() - max(last[True]["at"], last[False]["at"]) > on["idle"]:
        fired = 1
        fire()
