"""Shared by the players of the recording laboratory: records on stdout, orders on stdin, sockets that end as ordered."""
import json
import os
import queue
import socket
import struct
import sys
import threading
import time

lock = threading.Lock()
orders = queue.Queue()


def record(**what):
    what.setdefault("t", time.time())
    with lock:
        sys.stdout.write(json.dumps(what) + "\n")
        sys.stdout.flush()


def listen_for_orders():
    def pump():
        for line in sys.stdin:
            orders.put(line.strip())
        orders.put(None)
    threading.Thread(target=pump, daemon=True).start()


def config():
    return json.loads(open(sys.argv[1]).read())


def family(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def abort(sock):
    """closes with a reset: SO_LINGER on, zero seconds"""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def plain(sock):
    """the TCP socket below a TLS one, which keeps close_notify off the wire"""
    return socket.socket(fileno=sock.detach()) if hasattr(sock, "unwrap") else sock


def leave():
    sys.stdout.flush()
    os._exit(0)


class Ended(Exception):
    def __init__(self, why):
        super().__init__(why)
        self.why = why


class Lines:
    """octets of one peer, with a deadline; raises Ended('eof' | 'reset' | 'timeout' | 'shutdown')"""

    def __init__(self, sock):
        self.sock = sock
        self.held = b""
        self.stop = None

    def fill(self, until):
        while True:
            if self.stop and self.stop.is_set():
                raise Ended("shutdown")
            left = until - time.monotonic()
            if left <= 0:
                raise Ended("timeout")
            self.sock.settimeout(min(left, 0.1) if self.stop else left)
            try:
                got = self.sock.recv(65536)
            except (socket.timeout, BlockingIOError):
                continue
            except ConnectionResetError:
                raise Ended("reset")
            except OSError as e:
                if "timed out" in str(e).lower() and getattr(e, "errno", None) is None:
                    continue
                raise Ended("tls:" + str(e) if "SSL" in type(e).__name__ else "error:" + str(e))
            if not got:
                raise Ended("eof")
            self.held += got
            return

    def line(self, seconds):
        until = time.monotonic() + seconds
        while b"\n" not in self.held:
            self.fill(until)
        line, self.held = self.held.split(b"\n", 1)
        return line.rstrip(b"\r").decode("latin1")

    def reply(self, seconds):
        until = time.monotonic() + seconds
        out = []
        while True:
            while b"\n" not in self.held:
                self.fill(until)
            line, self.held = self.held.split(b"\n", 1)
            out.append(line.rstrip(b"\r").decode("latin1"))
            if len(out[-1]) < 4 or out[-1][3] != "-":
                return out
