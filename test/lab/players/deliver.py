"""The appliance's delivery: SMTP client with AsyncOS log lines (DCID), scaled timers, and a record of how its socket ended."""
import socket
import ssl
import time

from wire import Ended, Lines, config, family, listen_for_orders, orders, plain, record

C = config()
listen_for_orders()
D, M, R = C["dcid"], C["mid"], C["rcpts"]
RIDS = "[%s]" % ", ".join(str(k) for k in range(len(R)))
stage, sock, lines, opened = "connect", None, None, False


def log(text):
    record(ev="log", line=text)


class Refused(Exception):
    def __init__(self, reply):
        super().__init__(reply)
        self.reply = reply


def code(reply):
    return reply[-1][:3]


def tail(reply):
    return "('%s', [%s])" % (code(reply), ", ".join("'%s'" % l[4:] for l in reply))


def ask(text, at, seconds):
    global stage
    stage = at
    if C.get("pause_before") == at:
        time.sleep(C["pause"])
    sock.settimeout(60)
    sock.sendall((text + "\r\n").encode())
    if "signal" in C and C["signal"] == at:
        record(ev="signal", name=at)
        orders.get(timeout=20)
    return lines.reply(seconds)


def delayed(why, details, reason):
    log("Connection Error: DCID %d domain: remote.example IP: %s port: %d details: %s interface: %s reason: %s" % (D, C["dst"], C["port"], details, C["src"], reason))
    log("Delayed: DCID %d MID %d to RID %s - 4.4.0 - Other network problem ('000', ['%s']) []" % (D, M, RIDS.strip("[]"), why))
    log("Message %d to RID %s pending till %s" % (M, RIDS, time.strftime("%a %b %d %H:%M:%S %Y", time.gmtime(time.time() + 60))))


def bounced(rid, reply, what):
    log("Bounced: DCID %d MID %d to RID %s - 5.%s - %s %s []" % (D, M, rid, what[0], what[1], tail(reply)))


def negative(reply, what=("1.0", "Unknown address error")):
    rid = RIDS.strip("[]")
    if code(reply)[0] == "5":
        bounced(rid, reply, what)
        log("Message finished MID %d done" % M)
    else:
        log("Delayed: DCID %d MID %d to RID %s - 4.3.2 - Not accepting messages at this time %s []" % (D, M, rid, tail(reply)))
        log("Message %d to RID %s pending till %s" % (M, RIDS, time.strftime("%a %b %d %H:%M:%S %Y", time.gmtime(time.time() + 60))))


def quit_now():
    global stage
    try:
        ask("QUIT", "quit", 5)
    except (Ended, OSError):
        pass


def body(size):
    out = C.get("first", "") + "Message-ID: <d%d@corp.example>\r\nSubject: quarterly report\r\nFrom: <boss@corp.example>\r\nTo: <user@remote.example>\r\n\r\n" % M
    n = 0
    while len(out) < size:
        n += 1
        out += "%06d outbound text that fills the message up to the wanted size, line by line%s\r\n" % (n, " FORBIDDEN" if C.get("word") and n == C.get("line", 20) else "")
    return out.encode()


def hello(seconds):
    reply = ask("EHLO esa.example.net", "helo", seconds)
    if code(reply)[0] != "2":
        reply = ask("HELO esa.example.net", "helo", seconds)
    return reply


def secure(reply, seconds):
    """STARTTLS by the destination's policy: 'preferred' goes on in clear when it is not offered or refused, 'required' gives up"""
    global sock, lines, stage
    if C["tls"] == "none" or not any("STARTTLS" in l for l in reply):
        if C["tls"] == "required":
            log("DCID %d IP %s TLS was required but could not be successfully negotiated" % (D, C["dst"]))
            quit_now()
            raise Refused(None)
        return
    answer = ask("STARTTLS", "starttls", seconds)
    if code(answer) != "220":
        log("DCID %d TLS failed: STARTTLS unexpected response" % D)
        if C["tls"] == "required":
            quit_now()
            raise Refused(None)
        return
    ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    ctx.check_hostname = False
    ctx.verify_mode = ssl.CERT_REQUIRED if C.get("verify") else ssl.CERT_NONE
    if C.get("tls_max") == "1.2":
        ctx.maximum_version = ssl.TLSVersion.TLSv1_2
    sock.settimeout(seconds)
    try:
        sock = ctx.wrap_socket(sock, server_hostname="mx1.remote.example")
    except (ssl.SSLError, OSError) as e:
        log("DCID %d TLS failed: (336151576, '%s')" % (D, getattr(e, "reason", None) or e))
        raise Ended("tls:" + str(e))
    lines = Lines(sock)
    log("DCID %d TLS success protocol %s cipher %s" % (D, sock.version(), sock.cipher()[0]))
    hello(seconds)


def deliver():
    global sock, lines, stage, opened
    t = C["timeout"]
    sock = socket.socket(family(C["dst"]), socket.SOCK_STREAM)
    sock.bind((C["src"], 0))
    record(ev="addr", ip=C["src"], port=sock.getsockname()[1])
    sock.settimeout(C.get("connect_timeout", 6))
    try:
        sock.connect((C["dst"], C["port"]))
    except ConnectionRefusedError:
        raise Ended("refused")
    except (socket.timeout, TimeoutError):
        raise Ended("noanswer")
    except OSError as e:
        raise Ended("unreachable:%s" % e)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if C.get("keepalive"):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, C["keepalive"])
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, C["keepalive"])
    lines = Lines(sock)
    opened = True
    log("New SMTP DCID %d interface %s address %s port %d" % (D, C["src"], C["dst"], C["port"]))
    stage = "banner"
    banner = lines.reply(t)
    if code(banner)[0] != "2":
        raise Refused(banner)
    reply = hello(t)
    if code(reply)[0] != "2":
        raise Refused(reply)
    secure(reply, t)
    log("Delivery start DCID %d MID %d to RID %s" % (D, M, RIDS))
    for n in range(C.get("messages", 1)):
        one_message(t, C["later"] if n and "later" in C else C.get("bytes", 3000))
        if n + 1 < C.get("messages", 1):
            time.sleep(C.get("between", 0.5))
            log("Delivery start DCID %d MID %d to RID %s" % (D, M, RIDS))
    stage = "idle-after-message"
    try:
        lines.fill(time.monotonic() + C.get("hold", 3))
    except Ended as e:
        if e.why == "timeout":
            if C.get("fin_after"):
                return "closed"
            quit_now()
            return "quit"
        raise
    return "notice"


def one_message(t, size):
    global stage
    reply = ask("MAIL FROM:<boss@corp.example>", "mail", t)
    if code(reply)[0] != "2":
        raise Refused(reply)
    good = []
    for k, r in enumerate(R):
        reply = ask("RCPT TO:<%s>" % r, "rcpt", t)
        if code(reply)[0] == "2":
            good.append(k)
        else:
            bounced(k, reply, ("1.0", "Unknown address error")) if code(reply)[0] == "5" else log(
                "Delayed: DCID %d MID %d to RID %d - 4.3.2 - Not accepting messages at this time %s []" % (D, M, k, tail(reply)))
        last = reply
    if not good:
        raise Refused(last)
    reply = ask("DATA", "data-command", t)
    if code(reply)[0] != "3":
        raise Refused(reply)
    data, stage = body(size), "data-body"
    step = C.get("chunk", len(data))
    for k in range(0, len(data), step):
        sock.settimeout(t)
        sock.sendall(data[k : k + step])
        if "signal_bytes" in C and k <= C["signal_bytes"] < k + step:
            record(ev="signal", name="body")
            orders.get(timeout=20)
        if C.get("gap"):
            time.sleep(C["gap"])
    time.sleep(0.05)
    reply = ask(".", "data-end", t)
    if code(reply)[0] != "2":
        raise Refused(reply)
    log("Message done DCID %d MID %d to RID [%s]" % (D, M, ", ".join(map(str, good))))
    log("MID %d RID [%s] Response '%s'" % (M, ", ".join(map(str, good)), reply[-1][4:]))
    log("Message finished MID %d done" % M)


why = "quit"
time.sleep(C.get("at", 0))
try:
    why = deliver()
except Refused as e:
    why = "refusal"
    if e.reply:
        at = stage
        if len(R) == 1 or at != "rcpt":
            negative(e.reply, {"data-end": ("6.0", "Other undefined media error"), "banner": ("4.0", "Other network problem")}.get(at, ("1.0", "Unknown address error")))
        elif at == "rcpt":
            log("Message finished MID %d done" % M)
        if code(e.reply) != "421":
            quit_now()
        stage = at
except Ended as e:
    why = e.why
except (ConnectionResetError, BrokenPipeError, ssl.SSLEOFError):
    why = "reset"
except (socket.timeout, TimeoutError):
    why = "timeout"
except OSError as e:
    why = "error:" + str(e)
if why.startswith("tls") and stage != "starttls":
    why = "reset"
if why in ("eof", "reset", "timeout", "refused", "noanswer") or why.startswith(("unreachable", "error", "tls")):
    if stage == "data-end" and why in ("eof", "reset", "timeout"):
        log("Possible Delivery: DCID %d MID %d to RID %s" % (D, M, RIDS))
    if stage != "idle-after-message":
        if why == "reset":
            delayed("[Errno 54] Connection reset by peer", "[Errno 54] Connection reset by peer", "network error")
        elif why == "eof":
            delayed("EOF", "EOF", "network error")
        elif why == "refused":
            delayed("[Errno 61] Connection refused", "[Errno 61] Connection refused", "network error")
        elif why.startswith("unreachable"):
            delayed("[Errno 65] No route to host", "[Errno 65] No route to host", "network error")
        elif why.startswith(("tls", "error")):
            delayed("TLS error", "TLS error", "network error")
        else:
            delayed("timeout", "timeout", "connection timed out")
if opened:
    log("DCID %d close" % D)
record(ev="end", reason=why, stage=stage, dcid=D, mids=[M])
if sock is not None:
    try:
        plain(sock).close()
    except OSError:
        pass
record(ev="done", how=why)
