#!/usr/bin/env python3
"""As much of valkey-cli as the compose file asks for: one command of plain words to 127.0.0.1, and its answer."""

import socket
import sys

with socket.create_connection(("127.0.0.1", 6379), 3) as connection:
    connection.sendall(" ".join(sys.argv[1:]).encode() + b"\r\n")
    answer = connection.recv(65536).decode()
print(answer.strip())
sys.exit(answer.startswith("-"))
