"""The SMTP client: plays the steps of a scenario, one after the other, and records how its socket ended."""
import os
import random
import signal
import socket
import ssl
import struct
import time

from wire import Ended, Lines, abort, config, family, listen_for_orders, orders, plain, record

C = config()
listen_for_orders()
sock = None
lines = None
over = None
TEXT = "the quick brown fox jumps over the lazy dog while the appliance waits\r\n"


def body(size, head=True, word=None, line=6, name=None, first=""):
    out = "Message-ID: <%s@client.example>\r\nFrom: Sender <sender@client.example>\r\nTo: <rcpt@example.net>\r\nSubject: lab message %s\r\nDate: Mon, 16 Nov 2026 10:00:00 +0000\r\n\r\n" % (
        name or C["label"], name or C["label"]) if head else ""
    out = first + out
    n = 0
    while len(out) < size:
        n += 1
        out += "%06d %s" % (n, (word + "\r\n") if word and n == line else TEXT)
    return out.encode()


def end(why):
    global over
    if over is None:
        over = why
        record(ev="peer", how=why)


def connect(s):
    global sock, lines
    sock = socket.socket(family(C["dst"]), socket.SOCK_STREAM)
    for level, name, value in s.get("opts", []):
        sock.setsockopt(getattr(socket, level), getattr(socket, name), value)
    sock.bind((C["src"], s.get("sport", 0)))
    record(ev="addr", ip=C["src"], port=sock.getsockname()[1])
    sock.settimeout(s.get("timeout", 20))
    try:
        sock.connect((C["dst"], C["port"]))
    except OSError as e:
        end("connect:" + str(e))
        raise Ended("connect")
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    lines = Lines(sock)


def tls(s):
    global sock, lines
    ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    ctx.check_hostname = False
    ctx.verify_mode = ssl.CERT_REQUIRED if s.get("verify") else ssl.CERT_NONE
    if s.get("max") == "1.2":
        ctx.maximum_version = ssl.TLSVersion.TLSv1_2
    if s.get("min") == "1.3":
        ctx.minimum_version = ssl.TLSVersion.TLSv1_3
    sock.settimeout(s.get("timeout", 15))
    try:
        sock = ctx.wrap_socket(sock, server_hostname="esa.example.net")
        lines = Lines(sock)
    except (ssl.SSLError, OSError) as e:
        record(ev="tls", error=str(e))
        if s.get("soft"):
            return
        raise Ended("tls")


def send_hello():
    """a ClientHello and nothing more: what the answer is, nobody reads"""
    ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    ctx.check_hostname = False
    ctx.verify_mode = ssl.CERT_NONE
    said = ssl.MemoryBIO()
    try:
        ctx.wrap_bio(ssl.MemoryBIO(), said, server_hostname="esa.example.net").do_handshake()
    except ssl.SSLWantReadError:
        sock.sendall(said.read())


def raw_syn(s):
    """a half-open probe: the kernel knows no such socket and resets the answer itself"""
    port = s.get("sport") or random.randrange(20000, 60000)
    record(ev="addr", ip=C["src"], port=port)
    a, b = socket.inet_aton(C["src"]), socket.inet_aton(C["dst"])
    head = struct.pack("!HHIIBBHHH", port, C["port"], random.getrandbits(32), 0, 0x60, 2, 1024, 0, 0) + b"\x02\x04\x05\xb4"
    pseudo = a + b + struct.pack("!BBH", 0, 6, len(head))
    total = sum(struct.unpack("!%dH" % ((len(pseudo) + len(head)) // 2), pseudo + head))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_TCP)
    raw.bind((C["src"], 0))
    raw.sendto(head[:16] + struct.pack("!H", ~total & 0xFFFF) + head[18:], (C["dst"], 0))


def step(s):
    global sock, lines
    op = s["op"]
    if op == "connect":
        connect(s)
    elif op == "rawsyn":
        raw_syn(s)
    elif op == "send":
        sock.settimeout(s.get("timeout", 60))
        octets = s["text"].encode("latin1")
        size = s.get("chunk", len(octets))
        for k in range(0, len(octets), size):
            sock.sendall(octets[k : k + size])
            if s.get("gap"):
                time.sleep(s["gap"])
    elif op == "recv":
        try:
            record(ev="got", text=lines.reply(s.get("timeout", 60)))
        except Ended as e:
            if e.why != "timeout":
                raise
    elif op == "sleep":
        time.sleep(s["s"])
    elif op == "body":
        data = body(s["n"], s.get("head", True), s.get("word"), s.get("line", 6), s.get("name"), s.get("first", ""))
        if "upto" in s:
            data = data[: s["upto"]]
        size = s.get("chunk", len(data))
        sock.settimeout(s.get("timeout", 60))
        for k in range(0, len(data), size):
            sock.sendall(data[k : k + size])
            if s.get("gap"):
                time.sleep(s["gap"])
    elif op == "tls":
        tls(s)
    elif op == "hello":
        send_hello()
    elif op == "notify":
        sock.settimeout(s.get("timeout", 0.5))
        try:
            low = sock.unwrap()
            sock, lines = low, Lines(low)
        except OSError:
            pass
    elif op == "eof":
        until = time.monotonic() + s.get("timeout", 40)
        while True:
            lines.held = b""
            lines.fill(until)
    elif op == "bare":
        sock = plain(sock)
        lines = Lines(sock)
    elif op == "shut":
        sock.shutdown(socket.SHUT_WR)
    elif op == "close":
        plain(sock).close()
        record(ev="did", do="close")
        sock = None
    elif op == "rst":
        record(ev="did", do="rst")
        abort(plain(sock))
        sock = None
    elif op == "kill":
        record(ev="did", do="kill")
        os.kill(os.getpid(), signal.SIGKILL)
    elif op == "ttl":
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, s["v"])
    elif op == "cork":
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, s["v"])
    elif op == "keepalive":
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, s["s"])
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, s["s"])
    elif op == "signal":
        record(ev="signal", name=s["name"])
        orders.get(timeout=20)
    else:
        raise SystemExit("unknown step " + op)


time.sleep(C.get("at", 0))
for s in C["steps"]:
    try:
        step(s)
    except Ended as e:
        end(e.why)
        if not s.get("soft") and not C.get("stubborn"):
            break
    except (ConnectionResetError, BrokenPipeError) as e:
        end("reset")
        if not s.get("soft") and not C.get("stubborn"):
            break
    except (socket.timeout, TimeoutError):
        end("timeout")
        if not s.get("soft") and not C.get("stubborn"):
            break
    except OSError as e:
        end("error:" + str(e))
        if not C.get("stubborn"):
            break
if sock is not None and not C.get("hold"):
    try:
        plain(sock).close()
    except OSError:
        pass
record(ev="done", how=over)
if C.get("hold"):
    time.sleep(C["hold"])
