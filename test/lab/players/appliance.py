"""The appliance's listener: SMTP with AsyncOS texts, AsyncOS log lines, and a record of what its sockets returned."""
import socket
import ssl
import sys
import threading
import time

from wire import Ended, Lines, abort, config, leave, listen_for_orders, orders, plain, record, family

C = config()
N = {"icid": C["icid"], "mid": C["mid"]}
guard = threading.Lock()
closing = threading.Event()
alive = {}


def log(text, at=None):
    record(ev="log", line=text, **({"t": at} if at else {}))


def take(kind, step=1):
    with guard:
        n = N[kind]
        N[kind] += step
        return n


class Session:
    def __init__(self, sock, peer):
        self.sock, self.peer = sock, peer
        self.icid = take("icid", C.get("icid_step", 1))
        self.lines = Lines(sock)
        self.lines.stop = closing
        self.stage, self.mid, self.mids, self.rcpts, self.sender = "banner", None, [], 0, ""
        self.accepted, self.bad, self.began, self.tls, self.greeted, self.seen = 0, 0, time.monotonic(), False, False, {}
        self.tries, self.chunks = 0, b""

    def say(self, text):
        if C.get("debug"):
            record(ev="debug", line="Sent to '%s': '%s'" % (self.peer[0], text.replace("\r\n", "\\015\\012")))
        try:
            self.sock.settimeout(C.get("send_timeout", 60))
            self.sock.sendall(text.encode("latin1"))
        except (BrokenPipeError, ConnectionResetError):
            raise Ended("reset")
        except (socket.timeout, TimeoutError):
            raise Ended("timeout")

    def left(self):
        idle = C["timeout"]
        total = self.began + C.get("total", 900) - time.monotonic()
        first = self.began + C["first_message"] - time.monotonic() if C.get("first_message") and not self.accepted else idle
        self.total = total < min(idle, first)
        return max(min(idle, total, first), 0.01)

    def hook(self, at):
        """what the scenario ordered for this moment; True when the default answer is replaced"""
        self.seen[at] = self.seen.get(at, 0) + 1
        for h in C.get("hooks", []):
            if h["at"] != at or h.get("nth", self.seen[at]) != self.seen[at] or h.get("icid_index", self.icid - C["icid"]) != self.icid - C["icid"]:
                continue
            if "delay" in h:
                time.sleep(h["delay"])
            if "log" in h:
                log(h["log"].format(icid=self.icid, mid=self.mid, ip=self.peer[0]))
            if "reply" in h:
                self.say(h["reply"] + "\r\n")
            do = h.get("end")
            if do == "rst":
                record(ev="did", do="rst")
                abort(plain(self.sock))
                raise Ended("own-rst")
            if do == "fin":
                raise Ended("own-fin")
            if do == "stop":
                time.sleep(h.get("for", C["timeout"]))
                raise Ended("timeout")
            if do == "exit":
                record(ev="end", icid=self.icid, peer=self.peer[0], port=self.peer[1], reason="crash", stage=self.stage, mids=self.mids, crashed=True)
                leave()
            if "reply" in h:
                return True
        return False

    def open_mid(self):
        return self.mid is not None

    def run(self):
        why = "own-fin"
        try:
            why = self.talk()
        except Ended as e:
            why = e.why
        except ssl.SSLError as e:
            why = "tls:" + str(e)
        except OSError as e:
            why = "error:" + str(e)
        self.finish(why)

    def finish(self, why):
        i = self.icid
        silent = C.get("silent_timeout")
        if why in ("timeout", "shutdown") and not silent:
            text = "421 Exceeded allowable connection time, disconnecting." if self.total else "421 Timed out waiting for successful message injection, disconnecting."
            if why == "shutdown":
                text = "421 esa.example.net Service not available, closing transaction channel"
            try:
                self.say(text + "\r\n")
            except (Ended, OSError):
                pass
        record(ev="end", icid=i, peer=self.peer[0], port=self.peer[1], reason=why, stage=self.stage, mids=self.mids)
        if why in ("eof", "reset") or (why == "timeout" and C.get("timeout_lost")):
            log("ICID %d lost" % i)
        if self.open_mid():
            log("Message aborted MID %d Receiving aborted%s" % (self.mid, " by sender" if why == "quit" else ""))
            log("Message finished MID %d aborted" % self.mid)
        log("ICID %d close" % i)
        if why in ("quit", "timeout", "shutdown", "own-fin") and C.get("wait_for_peer"):
            time.sleep(C["wait_for_peer"])
        if why != "own-rst":
            if self.tls and why in ("timeout", "quit", "shutdown") and C.get("notify", True):
                try:
                    self.sock.settimeout(0.3)
                    self.sock.unwrap()
                except (OSError, ValueError):
                    pass
            try:
                plain(self.sock).close()
            except OSError:
                pass
        alive.pop(i, None)

    def start_tls(self):
        ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        ctx.load_cert_chain(C["cert"], C["key"])
        if C.get("tls_max") == "1.2":
            ctx.maximum_version = ssl.TLSVersion.TLSv1_2
        if C.get("tls_min") == "1.3":
            ctx.minimum_version = ssl.TLSVersion.TLSv1_3
        self.stage = "starttls"
        self.sock.settimeout(self.left())
        try:
            self.sock = ctx.wrap_socket(self.sock, server_side=True)
        except (socket.timeout, TimeoutError):
            raise Ended("timeout")
        except ConnectionResetError:
            log("ICID %d TLS failed: [Errno 54] Connection reset by peer" % self.icid)
            raise Ended("reset")
        except ssl.SSLError as e:
            log("ICID %d TLS failed%s" % (self.icid, "" if C.get("tls_terse") else ": (336151576, '%s')" % (e.reason or "unknown").lower().replace("_", " ")))
            raise Ended("eof" if "EOF" in str(e) else "tls:" + str(e))
        except OSError as e:
            log("ICID %d TLS failed" % self.icid)
            raise Ended("eof")
        self.lines.sock, self.lines.held, self.tls = self.sock, b"", True
        log("ICID %d TLS success protocol %s cipher %s" % (self.icid, self.sock.version(), self.sock.cipher()[0]))
        self.greeted = False

    def accept_message(self, body):
        i, m = self.icid, self.mid
        for name in ("Message-ID", "Subject"):
            for l in body.split(b"\r\n\r\n")[0].decode("latin1").split("\r\n"):
                if l.lower().startswith(name.lower() + ":"):
                    log("MID %d %s '%s'" % (m, name, l.split(":", 1)[1].strip()))
        log("MID %d ready %d bytes from <%s>" % (m, len(body), self.sender))
        for l in ("matched all recipients for per-recipient policy DEFAULT in the inbound table", "interim verdict using engine: CASE spam negative",
                  "using engine: CASE spam negative", "interim AV verdict using Sophos CLEAN", "antivirus negative", "queued for delivery"):
            log("MID %d %s" % (m, l))
        self.mid, self.accepted = None, self.accepted + 1
        self.say("250 ok:  Message %d accepted\r\n" % m)
        self.stage = "idle-after-message"

    def end_of_data(self, body):
        self.stage = "data-end"
        if self.hook("dot"):
            log("Message aborted MID %d Receiving aborted" % self.mid)
            log("Message finished MID %d aborted" % self.mid)
            self.mid = None
            return
        self.accept_message(body)

    def data(self):
        self.stage = "data-command"
        if self.hook("data"):
            return
        self.say("354 go ahead\r\n")
        got = self.lines.held
        self.lines.held = b""
        while True:
            if got:
                self.stage = "data-body"
                for h in C.get("hooks", []):
                    if h["at"] == "body" and len(got) >= h.get("bytes", 1):
                        self.hook("body")
            if got.startswith(b".\r\n"):
                end, skip = 0, 3
            else:
                end, skip = got.find(b"\r\n.\r\n"), 5
            if end >= 0:
                self.lines.held = got[end + skip:]
                return self.end_of_data(got[:end] + b"\r\n")
            self.lines.held = b""
            self.lines.fill(time.monotonic() + self.left())
            got += self.lines.held
            self.lines.held = b""

    def bdat(self, line):
        words = line.split()
        size, last = int(words[1]), len(words) > 2
        self.stage = "data-body"
        while len(self.lines.held) < size:
            self.lines.fill(time.monotonic() + self.left())
            if self.lines.held:
                self.hook("body")
        self.chunks += self.lines.held[:size]
        self.lines.held = self.lines.held[size:]
        if not last:
            if self.hook("chunk"):
                return
            return self.say("250 ok: %d octets received\r\n" % size)
        body, self.chunks = self.chunks, b""
        self.end_of_data(body)

    def auth(self, line):
        self.stage = "auth"
        if self.hook("auth"):
            return
        if line.upper().startswith("AUTH LOGIN"):
            self.say("334 VXNlcm5hbWU6\r\n")
            self.lines.line(self.left())
            self.say("334 UGFzc3dvcmQ6\r\n")
            self.lines.line(self.left())
        good = C.get("auth_ok", True)
        log("SMTP Auth: (ICID %d) %s for user: user1 using AUTH mechanism: %s with profile: smtpauth" % (self.icid, "succeeded" if good else "failed", line.split()[1]))
        self.say("235 #2.0.0 OK Authenticated\r\n" if good else "535 #5.7.8 Authentication failed\r\n")

    def talk(self):
        i, ip = self.icid, self.peer[0]
        self.total = False
        if C.get("implicit_tls"):
            log("New SMTP ICID %d interface %s (%s) address %s reverse dns host %s verified %s" % (i, C["interface"], C["addr"], ip, C["ptr"], C["verified"]))
            self.start_tls()
        else:
            log("New SMTP ICID %d interface %s (%s) address %s reverse dns host %s verified %s" % (i, C["interface"], C["addr"], ip, C["ptr"], C["verified"]))
        if C.get("hat") == "REJECT":
            log("ICID %d REJECT SG BLACKLIST match sbrs[-10.0:-3.0] SBRS -5.1" % i)
            self.say("554-esa.example.net\r\n554 Your access to this mail system has been rejected due to the sending MTA's poor reputation.\r\n")
            return "own-fin"
        limit = C.get("max_connections")
        if limit and len(alive) > limit:
            log("Warning: System limit reached: connection limit for IP %s on listener IncomingMail ICID %d: max: %d" % (ip, i, limit))
            log("ICID %d Receiving Failed: Connection limit exceeded" % i)
            self.say("421 #4.4.5 Too many connections from your host.\r\n")
            return "own-fin"
        log("ICID %d %s" % (i, C["policy"].replace("{ip}", ip)))
        if C.get("stuck_banner"):
            self.lines.fill(time.monotonic() + self.left())
        if not self.hook("banner"):
            self.say("220 esa.example.net ESMTP\r\n")
        while True:
            line = self.lines.line(self.left())
            verb = line.split(" ")[0].upper().split(":")[0]
            if C.get("debug"):
                record(ev="debug", line="Rcvd from '%s': '%s\\015\\012'" % (ip, line))
            end = self.command(verb, line)
            if end:
                return end

    def command(self, verb, line):
        if verb in ("EHLO", "HELO"):
            self.stage = "helo"
            if self.hook("helo"):
                return None
            if verb == "HELO":
                self.say("250 esa.example.net\r\n")
            else:
                offers = ["esa.example.net", "8BITMIME", "SIZE %d" % C.get("size", 20971520)] + C.get("offers", [])
                if C.get("tls") and not self.tls:
                    offers.append("STARTTLS")
                self.say("".join("250%s%s\r\n" % ("-" if k < len(offers) - 1 else " ", o) for k, o in enumerate(offers)))
            self.greeted = True
        elif verb == "STARTTLS":
            if self.hook("starttls"):
                return None
            self.say("220 Go ahead with TLS\r\n")
            self.start_tls()
        elif verb == "AUTH":
            self.auth(line)
        elif verb == "MAIL":
            return self.mail(line)
        elif verb == "RCPT":
            if not self.open_mid():
                self.say("503 #5.5.1 MAIL first\r\n")
                return None
            self.stage = "rcpt"
            rid = self.rcpts
            bad = [a for a in C.get("bad_rcpts", []) if a in line]
            self.tries += 1
            if self.hook("rcpt"):
                return None
            address = line.split(":", 1)[1].strip().split(" ")[0]
            if bad:
                log("MID %d ICID %d To: %s Rejected by RAT" % (self.mid, self.icid, address))
                self.say("550 #5.1.0 Address rejected.\r\n")
                return None
            self.rcpts += 1
            log("MID %d ICID %d RID %d To: %s" % (self.mid, self.icid, rid, address))
            self.say("250 recipient %s ok\r\n" % address)
        elif verb == "DATA":
            if not self.open_mid() or not self.rcpts:
                self.say("503 #5.5.1 RCPT first\r\n")
                return None
            self.data()
        elif verb == "BDAT":
            self.bdat(line)
        elif verb == "RSET":
            if self.hook("rset"):
                return None
            if self.open_mid():
                log("Message aborted MID %d Receiving aborted by sender" % self.mid)
                log("Message finished MID %d aborted" % self.mid)
                self.mid = None
            self.stage = "helo" if not self.accepted else "idle-after-message"
            self.say("250 reset\r\n")
        elif verb == "NOOP":
            self.say("250 ok\r\n")
        elif verb == "QUIT":
            before, self.stage = self.stage, "quit"
            if not self.hook("quit"):
                try:
                    self.say("221 esa.example.net\r\n")
                except Ended:
                    pass
            self.stage = before if self.open_mid() else "quit"
            return "quit"
        else:
            self.bad += 1
            log("ICID %d Unknown command: %s" % (self.icid, verb))
            if self.bad > C.get("bad_limit", 5):
                self.say("421 Exceeded bad SMTP command limit, disconnecting.\r\n")
                return "own-fin"
            self.say("500 #5.5.1 command not recognized\r\n")
        return None

    def mail(self, line):
        self.stage = "mail"
        if C.get("max_messages") and self.accepted >= C["max_messages"]:
            log("ICID %d Receiving Failed: Too Many Messages" % self.icid)
            self.say("421 #4.x.2 Too many messages for this session\r\n")
            return "own-fin"
        if C.get("tls_required") and not self.tls:
            log("ICID %d TLS was required but remote host did not initiate it" % self.icid)
            self.say("530 #5.7.0 Must issue a STARTTLS command first\r\n")
            return None
        if self.hook("mail"):
            return None
        self.mid = take("mid")
        self.mids.append(self.mid)
        self.rcpts = 0
        address = line.split(":", 1)[1].strip().split(" ")[0]
        self.sender = address.strip("<>")
        log("Start MID %d ICID %d" % (self.mid, self.icid))
        log("MID %d ICID %d From: %s" % (self.mid, self.icid, address))
        self.say("250 sender %s ok\r\n" % address)
        return None


def serve():
    server = socket.socket(family(C["addr"]), socket.SOCK_STREAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if C.get("rcvbuf"):
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, C["rcvbuf"])
    server.bind((C["addr"], C["port"]))
    server.listen(64)
    record(ev="ready")
    while True:
        sock, peer = server.accept()
        s = Session(sock, peer)
        alive[s.icid] = s
        threading.Thread(target=s.run, daemon=True).start()


listen_for_orders()
threading.Thread(target=serve, daemon=True).start()
while True:
    order = orders.get()
    if order == "shutdown":
        closing.set()
    elif order == "reboot":
        for s in list(alive.values()):
            record(ev="end", icid=s.icid, peer=s.peer[0], port=s.peer[1], reason="crash", stage=s.stage, mids=s.mids, crashed=True)
        leave()
    elif order == "crash" or order is None or order == "stop":
        sys.stdout.flush()
        leave()
