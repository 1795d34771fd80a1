"""The receiving server of a delivery: answers by a table and does what the scenario ordered at a step."""
import socket
import ssl
import threading
import time

from wire import Ended, Lines, abort, config, family, leave, listen_for_orders, orders, plain, record

C = config()
REPLY = {"banner": "220 mx1.remote.example ESMTP Postfix", "mail": "250 2.1.0 Ok", "rcpt": "250 2.1.5 Ok", "data": "354 End data with <CR><LF>.<CR><LF>",
         "dot": "250 2.0.0 Ok: queued as 33B7380356", "quit": "221 2.0.0 Bye", "rset": "250 2.0.0 Ok", "starttls": "220 2.0.0 Ready to start TLS"}


class Gone(Exception):
    pass


def talk(sock):
    lines, seen = Lines(sock), {}
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def answer(at, default):
        seen[at] = seen.get(at, 0) + 1
        for h in C.get("hooks", []):
            if h["at"] != at or h.get("nth", seen[at]) != seen[at]:
                continue
            time.sleep(h.get("delay", 0))
            if "ttl" in h:
                sock.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, h["ttl"])
            if "reply" in h:
                sock.sendall((h["reply"] + "\r\n").encode())
            do = h.get("end")
            if do:
                record(ev="did", do=do, at=at)
            if do == "rst":
                abort(plain(sock))
                raise Gone
            if do == "fin":
                raise Gone
            if do == "stop":
                time.sleep(h.get("for", 30))
                raise Gone
            if "reply" in h:
                return h["reply"][0] in "23"
        if default:
            sock.sendall((default + "\r\n").encode())
        return True

    def take(n):
        while len(lines.held) < n:
            lines.fill(time.monotonic() + 60)

    if C.get("implicit_tls"):
        sock = tls(sock)
        lines = Lines(sock)
    answer("banner", REPLY["banner"])
    while True:
        idle = C.get("idle", 60)
        try:
            line = lines.line(idle)
        except Ended as e:
            if e.why == "timeout" and C.get("idle_do"):
                record(ev="did", do=C["idle_do"])
                if C["idle_do"] == "rst":
                    abort(plain(sock))
                raise Gone
            if e.why == "timeout":
                sock.sendall(b"421 4.4.2 mx1.remote.example Error: timeout exceeded\r\n")
                record(ev="did", do="421-timeout")
            raise
        verb = line.split(" ")[0].upper().split(":")[0]
        if verb in ("EHLO", "HELO", "LHLO"):
            offers = C.get("offers", ["PIPELINING", "SIZE 52428800"] + (["STARTTLS"] if C.get("tls") else []) + ["8BITMIME"])
            answer("helo", "250-mx1.remote.example\r\n" + "\r\n".join("250%s%s" % ("-" if k < len(offers) - 1 else " ", o) for k, o in enumerate(offers)) if verb != "HELO" else "250 mx1.remote.example")
        elif verb == "STARTTLS":
            if answer("starttls", REPLY["starttls"]) and not C.get("no_tls"):
                sock = tls(sock)
                lines = Lines(sock)
        elif verb == "DATA":
            if not answer("data", REPLY["data"]):
                continue
            got = lines.held
            lines.held = b""
            while b"\r\n.\r\n" not in got:
                for h in C.get("hooks", []):
                    if h["at"] == "body" and len(got) >= h.get("bytes", 1):
                        answer("body", None)
                lines.fill(time.monotonic() + 60)
                got += lines.held
                lines.held = b""
            lines.held = got.split(b"\r\n.\r\n", 1)[1]
            answer("dot", REPLY["dot"])
        elif verb == "QUIT":
            answer("quit", REPLY["quit"])
            return
        elif verb in ("MAIL", "RCPT", "RSET"):
            answer(verb.lower(), REPLY[verb.lower()])
        else:
            answer("other", "502 5.5.2 Error: command not recognized")


def tls(sock):
    ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ctx.load_cert_chain(C["cert"], C["key"])
    if C.get("tls_max") == "1.2":
        ctx.maximum_version = ssl.TLSVersion.TLSv1_2
    if C.get("tls_min") == "1.3":
        ctx.minimum_version = ssl.TLSVersion.TLSv1_3
    sock.settimeout(20)
    try:
        return ctx.wrap_socket(sock, server_side=True)
    except ssl.SSLError as e:
        record(ev="tls", error=str(e))
        raise Ended("tls")


def one(sock, peer):
    record(ev="accepted", ip=peer[0], port=peer[1])
    why = "closed"
    try:
        talk(sock)
    except Gone:
        why = "ordered"
    except Ended as e:
        why = e.why
    except OSError as e:
        why = "error:" + str(e)
    record(ev="end", reason=why)
    try:
        plain(sock).close()
    except OSError:
        pass


def serve():
    server = socket.socket(family(C["addr"]), socket.SOCK_STREAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if C.get("rcvbuf"):
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, C["rcvbuf"])
    server.bind((C["addr"], C["port"]))
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
