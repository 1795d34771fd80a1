"""A device that copies frames between two interfaces (no hop): delay, loss, and cuts that orders switch on."""
import os
import random
import select
import socket
import struct
import sys
import time
import heapq

from wire import config, listen_for_orders, orders, record

C = config()
listen_for_orders()
random.seed(C.get("seed", 1))
ports = []
for name in ("p0", "p1"):
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    s.bind((name, 0))
    s.setsockopt(263, 1, struct.pack("iHH8s", socket.if_nametoindex(name), 1, 0, b""))
    s.setblocking(False)
    ports.append(s)
def checksum(data):
    if len(data) % 2:
        data += b"\0"
    n = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while n >> 16:
        n = (n & 0xFFFF) + (n >> 16)
    return ~n & 0xFFFF


shifts = {}


def rewrite(side, frame):
    """changes words of IPv4 TCP payloads; a new length shifts the sequence numbers behind it, as inspecting firewalls do"""
    if frame[12:14] != b"\x08\x00" or frame[23] != 6:
        return frame
    head = (frame[14] & 15) * 4
    at = 14 + head
    total = struct.unpack("!H", frame[16:18])[0]
    seq, ack = struct.unpack("!II", frame[at + 4 : at + 12])
    data_at = at + (frame[at + 12] >> 4) * 4
    payload = frame[data_at : 14 + total]
    ports = struct.unpack("!HH", frame[at : at + 4])
    key = ports if side == 0 else (ports[1], ports[0])
    new = payload
    for r in C["rewrites"]:
        if r["side"] == side and r["match"].encode() in new:
            new = new.replace(r["match"].encode(), r["with"].encode())
            if len(new) != len(payload):
                shifts.setdefault((key, side), []).append((seq, len(new) - len(payload)))
    mine = sum(d for start, d in set(shifts.get((key, side), [])) if (seq - start) & 0xFFFFFFFF < 1 << 31 and seq != start)
    other = sum(d for start, d in set(shifts.get((key, 1 - side), [])) if (ack - start) & 0xFFFFFFFF < 1 << 31 and ack != start)
    if new == payload and not mine and not other:
        return frame
    tcp = frame[at : at + 4] + struct.pack("!II", (seq + mine) & 0xFFFFFFFF, (ack - other) & 0xFFFFFFFF) + frame[at + 12 : at + 16] + b"\0\0" + frame[at + 18 : data_at] + new
    ip = frame[14:16] + struct.pack("!H", head + len(tcp)) + frame[18:24] + b"\0\0" + frame[26:at]
    ip = ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:]
    sum_ = checksum(ip[12:20] + struct.pack("!BBH", 0, 6, len(tcp)) + tcp)
    return frame[:14] + ip + tcp[:16] + struct.pack("!H", sum_) + tcp[18:]


limits, first = {}, {}


def fits(side, frame):
    """False for data beyond the window as a firewall reads it that knows nothing of window scaling; "keep" remembers the furthest edge ever offered"""
    if frame[12:14] != b"\x08\x00" or frame[23] != 6:
        return True
    at = 14 + (frame[14] & 15) * 4
    total = 14 + struct.unpack("!H", frame[16:18])[0]
    ends = struct.unpack("!HH", frame[at : at + 4])
    key = ends if side == 0 else (ends[1], ends[0])
    seq, ack = struct.unpack("!II", frame[at + 4 : at + 12])
    win = struct.unpack("!H", frame[at + 14 : at + 16])[0]
    size = total - at - (frame[at + 12] >> 4) * 4
    edge = (ack + win) & 0xFFFFFFFF
    if frame[at + 13] & 2 and C["windows"] == "keep":
        first[(key, side)] = win
    if frame[at + 13] & 18 == 18 and (key, 1 - side) in first:
        limits[(key, side)] = (seq + 1 + first[(key, 1 - side)]) & 0xFFFFFFFF
    if frame[at + 13] & 16:
        old = limits.get((key, 1 - side))
        if old is None or C["windows"] != "keep" or (edge - old) & 0xFFFFFFFF < 1 << 31:
            limits[(key, 1 - side)] = edge
    mine = limits.get((key, side))
    return size == 0 or mine is None or (mine - seq - size) & 0xFFFFFFFF < 1 << 31


record(ev="ready")
waiting, serial, state = [], 0, dict(C)
while True:
    pause = max(0.0, waiting[0][0] - time.monotonic()) if waiting else 0.05
    ready, _, _ = select.select(ports, [], [], min(pause, 0.05))
    while not orders.empty():
        order = orders.get()
        if order is None or order == "stop":
            os._exit(0)
        state.update(dict([order.split("=", 1)]) if "=" in order else {})
        state["loss"] = float(state.get("loss", 0))
    for side, s in enumerate(ports):
        if s not in ready:
            continue
        for _ in range(64):
            try:
                frame, where = s.recvfrom(65535)
            except BlockingIOError:
                break
            if where[2] == 4:
                continue
            arp = frame[12:14] == b"\x08\x06" or (frame[12:14] == b"\x86\xdd" and frame[20] == 58)
            if not arp and random.random() * 100 < float(state.get("loss", 0)):
                record(ev="lost", side=side)
                continue
            if C.get("windows") and not fits(side, frame):
                record(ev="lost", side=side)
                continue
            if C.get("rewrites") and state.get("inspect", "on") == "on":
                frame = rewrite(side, frame)
            serial += 1
            delay = 0 if arp else float(state.get("delay", 0)) + random.random() * float(state.get("jitter", 0))
            heapq.heappush(waiting, (time.monotonic() + delay, serial, side, frame))
    now = time.monotonic()
    while waiting and waiting[0][0] <= now:
        _, _, side, frame = heapq.heappop(waiting)
        try:
            ports[1 - side].send(frame)
        except OSError as e:
            record(ev="unsent", why=str(e))
