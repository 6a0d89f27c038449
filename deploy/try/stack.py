"""The site as README brings it up: a folder of its own, .env filled in, docker compose; a look into its database."""

import json
import os
import secrets
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from commands import Failed, run
from visitors import HOST

PROJECT: Final = "bookwhen-try"
MAIL: Final = f"{PROJECT}-mail"
PARTS: Final = ("proxy", "web", "worker", "mailer", "beat", "postgres", "valkey")
READY: Final = 300


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the proxy listens on 127.0.0.1."""

    http: int
    https: int


class Stack:
    """The containers of one docker compose project, in a folder of its own."""

    def __init__(self, folder: Path, ports: Ports) -> None:
        self.folder, self.ports = folder, ports
        self.mail = folder.parent / "mail"

    def lay(self, repository: Path, commit: str | None) -> None:
        """Put a version into the folder: a commit, or what is in the work tree now. `.env` stays."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for path in self.folder.iterdir():
            if path.name != ".env":
                run("rm", "-rf", str(path))
        archive = self.folder.parent / "version.tar"
        if commit:
            run("git", "archive", "--output", str(archive), commit, cwd=repository)
        else:
            listed = ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
            names = run(*listed, cwd=repository).stdout
            names = "\0".join(name for name in names.split("\0") if name and (repository / name).exists())
            run("tar", "--null", "--files-from", "-", "-cf", str(archive), cwd=repository, feed=names)
        run("tar", "-xf", str(archive), "-C", str(self.folder))

    def fill_in(self, values: Mapping[str, str]) -> None:
        """`cp .env.example .env`, then fill in; raises Failed for a name that is not there to be filled in."""
        lines = (self.folder / ".env.example").read_text().splitlines()
        for name, value in values.items():
            places = [number for number, line in enumerate(lines) if line.startswith(f"{name}=")]
            if len(places) != 1:
                message = f".env.example has {len(places)} lines for {name}."
                raise Failed(message)
            lines[places[0]] = f"{name}={value}"
        (self.folder / ".env").write_text("\n".join(lines) + "\n")

    def settings(self, **more: str) -> dict[str, str]:
        """What is filled in: a proxy with its own root, a mail server beside it, ports that are free."""
        return {
            "SITE_HOST": HOST,
            "TLS": "internal",
            "SECRET_KEY": secrets.token_urlsafe(50),
            "POSTGRES_PASSWORD": secrets.token_hex(20),
            "EMAIL_URL": "smtp://mail:25",
            "DEFAULT_FROM_EMAIL": f"Bookwhen <bookings@{HOST}>",
            "PROXY_ADDRESS": "127.0.0.1",
            "HTTP_PORT": str(self.ports.http),
            "HTTPS_PORT": str(self.ports.https),
            **more,
        }

    def compose(self, *command: str, check: bool = True, feed: str | None = None) -> str:
        """Run docker compose in the folder, as README does; returns what it printed."""
        return run("docker", "compose", *command, cwd=self.folder, check=check, feed=feed).stdout

    def up(self, parts: tuple[str, ...] = PARTS) -> float:
        """README's command; returns how many seconds it took until these parts were healthy."""
        began = time.monotonic()
        self.compose("up", "--build", "--detach")
        self.wait_healthy(parts)
        return time.monotonic() - began

    def down(self) -> None:
        """End everything and throw its data away."""
        compose = ("docker", "compose", "--project-name", PROJECT)
        down = ("down", "--volumes", "--remove-orphans", "--timeout", "5")
        run(*compose, *down, cwd=self.folder.parent, check=False)

    def wait_healthy(self, parts: tuple[str, ...] = PARTS, most: float = READY) -> None:
        """Wait until these parts are healthy; raises Failed with their states and last lines."""
        until = time.monotonic() + most
        while True:
            states = self.states()
            ill = {part: states.get(part, "absent") for part in parts if states.get(part) != "healthy"}
            if not ill:
                return
            if time.monotonic() > until:
                logs = self.compose("logs", "--tail", "20", *ill, check=False)
                message = f"Not healthy after {most:.0f} s: {ill}\n{logs}"
                raise Failed(message)
            time.sleep(0.5)

    def states(self) -> dict[str, str]:
        """The health of each part; of one without a check, whether it runs."""
        lines = self.compose("ps", "--all", "--format", "json").splitlines()
        rows = [json.loads(line) for line in lines]
        return {row["Service"]: row["Health"] or row["State"] for row in rows}

    def container(self, part: str) -> str:
        """The container of a part; after an upgrade it has another name."""
        return self.compose("ps", "--all", "--quiet", part).strip()

    def inspect(self, part: str, template: str) -> str:
        """What Docker says of a part's container."""
        return run("docker", "inspect", "--format", template, self.container(part)).stdout.strip()

    def crash(self, *parts: str) -> None:
        """Kill the first process of these parts with SIGKILL, as the kernel does when memory is short.

        Not by `docker kill`, after which Docker takes a part for stopped by hand and leaves it so.
        """
        for pid in [int(self.inspect(part, "{{.State.Pid}}")) for part in parts]:
            if pid:
                os.kill(pid, signal.SIGKILL)

    def docker(self, verb: str, part: str) -> None:
        """`docker stop`, `start`, `pause`, `unpause` or `kill` one part."""
        run("docker", verb, self.container(part))

    def root(self) -> str:
        """The certificate that the proxy's own authority signs with."""
        path = "/data/caddy/pki/authorities/local/root.crt"
        until = time.monotonic() + READY
        while not (found := self.compose("exec", "-T", "proxy", "cat", path, check=False)):
            if time.monotonic() > until:
                message = "The proxy has made no certificate."
                raise Failed(message)
            time.sleep(0.5)
        return found

    def rows(self, statement: str) -> list[list[str]]:
        """What the database answers, asked inside its own container; each column as text."""
        command = ("exec", "-T", "postgres", "psql", "--host", "127.0.0.1", "--username", "bookwhen", "--csv")
        printed = self.compose(*command, "--tuples-only", feed=statement)
        return [line.split(",") for line in printed.splitlines()]

    def start_mail(self, image: str) -> None:
        """A mail server in a container of its own, where the site reaches it as `mail`."""
        self.stop_mail()
        self.mail.mkdir(exist_ok=True)
        for letter in self.mail.glob("*"):
            letter.unlink()
        sink = Path(__file__).with_name("mail_sink.py")
        run(
            "docker", "run", "--detach", "--name", MAIL, "--network", f"{PROJECT}_outside", "--network-alias", "mail",
            "--volume", f"{sink}:/mail_sink.py:ro", "--volume", f"{self.mail}:/mail",
            image, "python3", "/mail_sink.py", "/mail",
        )  # fmt: skip

    def stop_mail(self) -> None:
        """End the mail server."""
        run("docker", "rm", "--force", MAIL, check=False)
