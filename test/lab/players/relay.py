"""A transparent proxy: takes the connections that the firewall hands over and speaks to the other side with the client's address."""
import re
import select
import socket
import threading
import time

from wire import abort, config, family, leave, listen_for_orders, orders, record

C = config()
V6 = ":" in C["server"]
TRANSPARENT = (socket.IPPROTO_IPV6, 75) if V6 else (socket.IPPROTO_IP, 19)


def rewrite(side, data):
    for r in C.get("rewrites", []):
        if r["from"] == side:
            data = re.sub(r["match"].encode(), (lambda m: r["with"].encode().replace(b"#", b"*" * (len(m.group(0)) - r.get("keep", 0)))) if "#" in r["with"] else r["with"].encode(), data)
    return data


def one(inner, peer):
    server = C["server"] if C.get("to_listener") else inner.getsockname()[0]
    outer = socket.socket(family(server), socket.SOCK_STREAM)
    if C.get("keep_address", True):
        outer.setsockopt(*TRANSPARENT, 1)
        outer.bind((peer[0], 0 if C.get("new_port") else peer[1]))
    elif C.get("own"):
        outer.bind((C["own"], 0))
    outer.settimeout(8)
    try:
        outer.connect((server, C["port"]))
    except OSError as e:
        record(ev="relay", error=str(e))
        return inner.close()
    outer.settimeout(None)
    ends = {"client": inner, "server": outer}
    for s in ends.values():
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    over = threading.Event()
    seen = {"client": b"", "server": b""}

    def act(do):
        record(ev="relay", did=do)
        over.set()
        if "reply" in C.get("cut", {}):
            try:
                inner.sendall((C["cut"]["reply"] + "\r\n").encode())
            except OSError:
                pass
        if do == "fin":
            outer.shutdown(2)
            time.sleep(0.05)
            inner.shutdown(2)
        elif do == "rst":
            abort(outer)
            abort(inner)
        elif do == "rst-client":
            abort(inner)
        elif do == "rst-server":
            abort(outer)
        elif do == "quit":
            outer.sendall(b"QUIT\r\n")
            time.sleep(0.3)
            outer.shutdown(2)
            inner.shutdown(2)
        elif do == "swallow":
            time.sleep(60)

    def pump(side):
        source, target = ends[side], ends["server" if side == "client" else "client"]
        while not over.is_set():
            try:
                if not select.select([source], [], [], 0.1)[0]:
                    continue
                data = source.recv(65536)
            except (OSError, ValueError):
                data = None
            if over.is_set():
                return
            if not data:
                record(ev="relay", saw="fin" if data == b"" else "rst", side=side)
                try:
                    if data == b"":
                        target.shutdown(1)
                    else:
                        over.set()
                        abort(target)
                except OSError:
                    pass
                return
            seen[side] += data
            cut = C.get("cut")
            if cut and cut["from"] == side and re.search(cut["text"].encode(), seen[side]):
                time.sleep(cut.get("after", 0))
                return act(cut["do"])
            try:
                target.sendall(rewrite(side, data))
            except OSError:
                return

    t = [threading.Thread(target=pump, args=(s,), daemon=True) for s in ends]
    [x.start() for x in t]
    [x.join() for x in t]
    time.sleep(0.1)
    for s in ends.values():
        try:
            s.close()
        except OSError:
            pass


def serve():
    server = socket.socket(family(C["server"]), socket.SOCK_STREAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.setsockopt(*TRANSPARENT, 1)
    server.bind(("::" if V6 else "0.0.0.0", C["listen"]))
    server.listen(16)
    record(ev="ready")
    while True:
        s, p = server.accept()
        threading.Thread(target=one, args=(s, p), daemon=True).start()


listen_for_orders()
threading.Thread(target=serve, daemon=True).start()
while orders.get() not in (None, "stop"):
    pass
leave()
