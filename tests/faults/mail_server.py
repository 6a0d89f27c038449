"""A mail server on this machine that refuses at whatever stage it is told to."""

import socketserver
import threading
import time
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from email.message import Message

USER: Final = "studio"
PASSWORD: Final = "let me in"


class MailServer(socketserver.ThreadingTCPServer):
    """Speaks as much SMTP as `smtplib` asks of it; `refusals` has the reply to give at a stage instead of a good one.

    Stages are CONNECT and the commands: EHLO (and HELO), AUTH, MAIL, RCPT, DATA (its end), and HANGUP: the connection
    is cut when the letter was told. "CONNECT again" is refused from the second conversation on.
    """

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Conversation)
        self.refusals: dict[str, str] = {}
        self.letters: list[Message] = []
        self.calls: list[str] = []
        """Every stage that a client reached, in order."""
        self.most: int | None = None
        """How many letters it takes in one conversation; then it says `goodbye`, and hangs up."""
        self.goodbye = ""
        self.unheard: int | None = None
        """Which letter (the first is 0) it takes without saying so: it hangs up instead."""
        self.looks_through = 0.0
        """How long, in seconds, it is at each letter of a conversation but the first."""
        self.at_first: Callable[[], object] = lambda: None
        """What happens when the first letter comes."""

    @property
    def port(self) -> int:
        return int(self.server_address[1])


@contextmanager
def serving(port: int = 0) -> Iterator[MailServer]:
    """A server that answers until the block ends."""
    with MailServer(port) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


class _Conversation(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self.taken = 0
        again = self.server.refusals.get("CONNECT again")
        if again and "CONNECT" in self.server.calls:
            self.say(again)
            return
        if not self.reply("CONNECT", "220 ready"):
            return
        while line := self.rfile.readline():
            command, _space, rest = line.decode().strip().partition(" ")
            if command.upper() == "QUIT":
                self.say("221 bye")
                return
            if not self.answer(command.upper(), rest):
                return

    def answer(self, command: str, rest: str) -> bool:
        """Answer one command; False: the connection is cut."""
        if command == "MAIL" and self.taken == self.server.most:
            if self.server.goodbye:
                self.say(self.server.goodbye)
            return False
        if command == "AUTH":
            known = rest.startswith("PLAIN ") and b64decode(rest[6:]) == f"\0{USER}\0{PASSWORD}".encode()
            self.reply("AUTH", "235 welcome" if known else "535 5.7.8 who are you")
        elif command == "DATA":
            self.say("354 go on")
            return self.take_letter()
        elif command in {"EHLO", "HELO"}:
            self.reply("EHLO", "250-here\r\n250 AUTH PLAIN" if command == "EHLO" else "250 here")
        else:
            self.reply(command, "250 fine")
        return True

    def take_letter(self) -> bool:
        lines = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line[1:] if line.startswith(b"..") else line)
        if "HANGUP" in self.server.refusals:
            return False
        if not self.server.letters:
            self.server.at_first()
        time.sleep(self.server.looks_through if self.taken else 0)
        letter, is_heard = message_from_bytes(b"".join(lines)), len(self.server.letters) != self.server.unheard
        if not is_heard or self.reply("DATA", "250 taken"):
            self.taken += 1
            self.server.letters.append(letter)
        return is_heard

    def reply(self, stage: str, good: str) -> bool:
        """Give the good reply, or the refusal of this stage; whether it was good."""
        self.server.calls.append(stage)
        refusal = self.server.refusals.get(stage)
        self.say(refusal or good)
        return refusal is None

    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())
