"""Switches segmentation, receive and checksum offload of the named interfaces on or off: offload.py on|off IF..."""
import fcntl
import socket
import struct
import sys
import array

SIOCETHTOOL = 0x8946
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for name in sys.argv[2:]:
    for cmd in (0x1F, 0x24, 0x2C, 0x17, 0x15):
        value = array.array("B", struct.pack("II", cmd, 1 if sys.argv[1] == "on" else 0))
        try:
            fcntl.ioctl(s, SIOCETHTOOL, struct.pack("16sP", name.encode(), value.buffer_info()[0]))
        except OSError:
            pass
