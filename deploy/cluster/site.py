"""The whole site on its machines."""

import shutil
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path
from typing import Final
from urllib.error import URLError
from urllib.request import urlopen

import redis

from bookwhen.sandbox import valkey
from deploy.cluster.machine import Machine, Tender
from deploy.cluster.network import Network, address
from deploy.cluster.postgres import NAME, PASSWORD, PORT, Postgres

ROOT: Final = Path(__file__).resolve().parents[2]
BALANCER, BOUNCER, VALKEY, STRIPE, MAIL = 10, 20, 21, 22, 23
NODES: Final = {"web1": 11, "web2": 12, "worker1": 13, "worker2": 14, "beat": 15}
DATABASES: Final = {"pg1": 31, "pg2": 32, "pg3": 33}
BEHIND: Final = 12111
"""The port of the stand-in for Stripe on its machine, which lets nobody else in; the next is for all."""

HAPROXY: Final = """
defaults
    mode http
    timeout connect 2s
    timeout client 30s
    timeout server 20s
    timeout check 4s
    option redispatch
    retries 2
frontend visitors
    bind *:8000
    option forwardfor
    default_backend web
backend web
    option httpchk
    http-check send meth GET uri /health/live/ hdr Host {host}
    default-server inter 1s fall 2 rise 1 on-marked-down shutdown-sessions
    server web1 {web1}:8000 check
    server web2 {web2}:8000 check
"""
TO_STRIPE: Final = """
defaults
    mode tcp
    timeout connect 2s
    timeout client 60s
    timeout server 60s
listen stripe
    bind *:{port}
    server behind 127.0.0.1:{behind}
"""


class Site:
    """All machines, each by its name, and the environment of our own programs."""

    def __init__(self, network: Network, folder: Path) -> None:
        self._network, self.folder = network, folder
        self.machines: dict[str, Machine] = {}
        self.tender = Tender(self.machines)
        self.databases = {name: Postgres(self._machine(name, number), folder) for name, number in DATABASES.items()}
        self.primary = self.databases["pg1"]
        self.base = f"http://{address(BALANCER)}:8000"
        self.stripe = f"http://{address(STRIPE)}:{BEHIND - 1}"
        self.letters = folder / "letters"
        self.letters.touch()
        self._bouncer_file = folder / "pgbouncer.ini"

    def start(self) -> None:
        """Start all of it, migrations included."""
        self.primary.make()
        # Either of the two: a commit waits for one, and no single machine can stop it. Written down before the standbys
        # are made, which take it along, and in force only once there are some.
        self.primary.ask("ALTER SYSTEM SET synchronous_standby_names = 'ANY 1 (*)'")
        for standby in self.standbys():
            standby.follow(self.primary)
        self.primary.ask("SELECT pg_reload_conf()")
        self._start_bouncer()
        self._start_others()
        self._manage("migrate", "--verbosity", "0")
        self._manage("collectstatic", "--noinput", "--verbosity", "0")
        self._start_nodes()

    def standbys(self) -> list[Postgres]:
        """Every server but the primary."""
        return [server for server in self.databases.values() if server is not self.primary]

    def lead_to(self, primary: Postgres) -> None:
        """Have PgBouncer lead to another primary."""
        self.primary = primary
        self._write_bouncer()
        self.machines["pgbouncer"].reload()

    def environment(self, process: str) -> dict[str, str]:
        """The settings of a process of ours."""
        cache = address(VALKEY)
        return {
            "DJANGO_SETTINGS_MODULE": "bookwhen.settings",
            "SECRET_KEY": "of the cluster that is tried, and long enough to be one",
            "SITE_URL": self.base,
            "ALLOWED_HOSTS": address(BALANCER),
            "TRUSTED_PROXIES": "2",
            "DATABASE_URL": f"postgres://{NAME}:{PASSWORD}@{address(BOUNCER)}:6432/{NAME}",
            "DATABASE_BEHIND_PGBOUNCER": "1",
            "DATABASE_REPLICA_URL": self.databases["pg3"].url,
            "REDIS_URL": f"redis://:{PASSWORD}@{cache}:6379/0",
            "CACHE_URL": f"redis://:{PASSWORD}@{cache}:6379/1",
            "EMAIL_URL": f"smtp://{address(MAIL)}:25",
            "STRIPE_API_BASE": self.stripe,
            "STATIC_ROOT": str(self.folder / "static"),
            "MEDIA_ROOT": str(self.folder / "media"),
            "LOG_LEVEL": "INFO",
            "PROCESS": process,
        }

    def _machine(self, name: str, number: int) -> Machine:
        logs = self.folder / "logs"
        logs.mkdir(exist_ok=True)
        self.machines[name] = Machine(name, number, self._network, logs)
        return self.machines[name]

    def _start_bouncer(self) -> None:
        machine = self._machine("pgbouncer", BOUNCER)
        self._write_bouncer()
        users = self.folder / "users.txt"
        users.write_text(f'"{NAME}" "{PASSWORD}"\n')
        for file in (users, self._bouncer_file):
            shutil.chown(file, "nobody")
        somebody = ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups")
        machine.program("pgbouncer", *somebody, "pgbouncer", str(self._bouncer_file))
        machine.start()

    def _write_bouncer(self) -> None:
        """The configuration that we tell others to use, with our addresses in it."""
        given = ConfigParser(interpolation=None)
        given.read(ROOT / "deploy" / "pgbouncer.ini")
        given["databases"][NAME] = f"host={self.primary.machine.address} port={PORT} dbname={NAME}"
        given["pgbouncer"].update({"listen_addr": "*", "auth_file": str(self.folder / "users.txt")})
        with self._bouncer_file.open("w") as file:
            given.write(file)

    def _start_others(self) -> None:
        store = self._machine("valkey", VALKEY)
        data = self.folder / "valkey"
        data.mkdir()
        # Without a pidfile: after a power cut the number in it may be another program's.
        options = ("--bind", "*", "--requirepass", PASSWORD, "--appendonly", "yes", "--save", "", "--dir", str(data))
        store.program("valkey", valkey.binary(), *options, "--maxmemory-policy", "noeviction")
        store.start(ready=lambda: _valkey_answers(store.address))
        stripe = self._machine("stripe", STRIPE)
        state = self.folder / "stripe-state"
        stripe.program("stripe", *self._python("bookwhen.sandbox.stripe", "--port", str(BEHIND), "--state", str(state)))
        stripe.program(
            "door", "haproxy", "-db", "-f", self._file("stripe.cfg", TO_STRIPE, port=BEHIND - 1, behind=BEHIND)
        )
        stripe.start(ready=lambda: answers(f"{self.stripe}/_sandbox/faults"))
        mail = self._machine("mail", MAIL)
        mail.program("mail", *self._python("deploy.cluster.sink", "25", str(self.letters)))
        mail.start()

    def _start_nodes(self) -> None:
        web, worker = self.environment("web"), self.environment("worker")
        celery = ("celery", "-A", "bookwhen.celery")
        commands = {
            "web": ("gunicorn", "bookwhen.wsgi", "--bind", "0.0.0.0:8000", "--workers", "2"),
            "worker": (*celery, "worker", "--concurrency", "2", "--loglevel", "INFO"),
            "beat": (*celery, "beat", "--pidfile", "", "--loglevel", "INFO"),
        }
        for name, number in NODES.items():
            kind = name.rstrip("12")
            environment = web if kind == "web" else {**worker, "HOSTNAME": name}
            more = ("--hostname", f"celery@{name}") if kind == "worker" else ()
            self._machine(name, number).program(kind, *self._python(*commands[kind], *more), environment=environment)
        for name in NODES:
            self.machines[name].start()
        balancer = self._machine("balancer", BALANCER)
        nodes = {name: address(NODES[name]) for name in ("web1", "web2")}
        file = self._file("balancer.cfg", HAPROXY, host=address(BALANCER), **nodes)
        balancer.program("haproxy", "haproxy", "-db", "-f", file)
        balancer.start(ready=lambda: answers(f"{self.base}/health/ready/"))

    def _python(self, *module: str) -> tuple[str, ...]:
        return ("env", "-C", str(ROOT), sys.executable, "-m", *module)

    def _file(self, name: str, text: str, **values: object) -> str:
        file = self.folder / name
        file.write_text(text.format(**values))
        return str(file)

    def _manage(self, *command: str) -> None:
        given = {"PATH": "/usr/bin:/bin", **self.environment("command")}
        subprocess.run([sys.executable, "manage.py", *command], check=True, cwd=ROOT, env=given)


def answers(url: str) -> bool:
    """Whether an address answers 200 within some seconds."""
    try:
        with urlopen(url, timeout=5):  # noqa: S310 - on our own machines
            return True
    except (URLError, OSError):
        return False


def _valkey_answers(host: str) -> bool:
    with redis.Redis(host=host, password=PASSWORD, socket_timeout=2) as client:
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
