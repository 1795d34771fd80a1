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
