"""Kill the server's workers under load, between request and answer, and count what was lost.

    python casemgmt/tests/with_postgres.py python casemgmt/tests/chaos.py [VISITS] [KILLS]

`make chaos` does this with 10,000 visits and 300 kills. Eight invented devices log visits against gunicorn, each with
an outbox on disk: a visit is in it before it is sent, and goes out of it once the server has answered that it took it.
Workers die by SIGKILL while requests are on their way, three times the whole server does, and devices themselves are
switched off and start again from their disk. At the end every visit that was answered must be there exactly once, with
the words that were typed, one lead, one signature and a history that equals it; every other must still be in an outbox.
"""

import http.client
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlencode

import django

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
# For the server as for us; DEBUG, because nobody collects static files for it.
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "casemgmt.settings",
    "SECRET_KEY": "only-for-chaos",
    "DEBUG": "on",
    "HTTPS": "off",
}
django.setup()

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connections, models  # noqa: E402
from django.utils import timezone  # noqa: E402

from casemgmt.agencies.models import StaffMember, User, acting_as  # noqa: E402
from casemgmt.demo import builders  # noqa: E402
from casemgmt.demo.cast import build_cast  # noqa: E402
from clients.models import Visit, VisitParticipant, VisitSignature  # noqa: E402

DEVICES, WORKERS = 8, 4
SLOT = 5  # minutes of a visit; one worker's visits never overlap
TOKEN = "c" * 32  # cookie and header of the forgery check, which agree
WORDS = ["walk", "bus", "rent", "form", "call", "door", "stair", "soup", "card", "bench", "clinic", "tooth"]


class Device:
    """A phone: an outbox that is on disk before anything is sent, and somebody's session."""

    def __init__(self, number, folder, worker, enrollment, session, port):
        self.number, self.file, self.port = number, folder / f"outbox-{number}.sqlite3", port
        self.path = f"/enrollments/{enrollment.pk}/visits/log/"
        self.cookies = f"sessionid={session}; csrftoken={TOKEN}"
        self.worker, self.random = worker, random.Random(number)
        self.seen = Counter()
        self.store = None
        # One clock for the whole run, so that a slow one does not make visits overlap.
        self.began = timezone.now()

    def switch_on(self):
        """As after a dead battery: what it knows is what is on its disk."""
        if self.store is not None:
            self.store.close()
        self.store = sqlite3.connect(self.file, isolation_level=None, check_same_thread=False)
        self.store.execute(
            "CREATE TABLE IF NOT EXISTS outbox (key TEXT PRIMARY KEY, body TEXT, note TEXT, answered TEXT)"
        )

    def write(self, place):
        """One more visit, typed on the phone."""
        key = str(uuid.uuid4())
        begun = timezone.localtime(self.began) - timedelta(days=1, minutes=SLOT * (place + 1))
        note = f"{key} " + " ".join(self.random.choices(WORDS, k=20))
        body = {
            "submit_key": key,
            "day": begun.date(),
            "time": f"{begun:%H:%M}",
            "mode": "phone",
            "outcome": "kept",
            "held_with": "client",
            "direct_minutes": SLOT,
            "travel_minutes": 0,
            "documentation_minutes": 0,
            "note": note,
        }
        self.store.execute("INSERT INTO outbox VALUES (?, ?, ?, NULL)", (key, urlencode(body), note))

    def unsent(self):
        return self.store.execute(
            "SELECT key, body FROM outbox WHERE answered IS NULL ORDER BY rowid"
        ).fetchall()

    def rows(self):
        return self.store.execute("SELECT key, note, answered FROM outbox").fetchall()

    def send(self, key, body):
        """The server's answer, or None when there was none."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        headers = {
            "Cookie": self.cookies,
            "X-CSRFToken": TOKEN,
            "Content-Type": "application/x-www-form-urlencoded",
        }
        try:
            connection.request("POST", self.path, body, headers)
            answer = connection.getresponse()
            answer.read()
        except ConnectionRefusedError:
            self.seen["nobody there"] += 1
            return None
        except (OSError, http.client.HTTPException):
            self.seen["cut between request and answer"] += 1
            return None
        finally:
            connection.close()
        self.seen[f"answered {answer.status}"] += 1
        if answer.status != HTTPStatus.FOUND or "/accounts/" in answer.headers["Location"]:
            return None
        self.store.execute("UPDATE outbox SET answered = ? WHERE key = ?", (answer.headers["Location"], key))
        return answer.headers["Location"]

    def work(self, visits):
        """Write and send until that many are answered, trying again what was not."""
        self.switch_on()
        written = len(self.rows())
        while True:
            waiting = self.unsent()
            if not waiting:
                if written == visits:
                    return
                self.write(written)
                written += 1
                waiting = self.unsent()
            key, body = waiting[0]
            location = self.send(key, body)
            if location is None:
                time.sleep(self.random.uniform(0.01, 0.2))
            elif self.random.random() < 0.02:
                # A second phone, or a finger that taps twice: the first answer, again.
                if self.send(key, body) not in (None, location):
                    self.seen["another answer to the same"] += 1
            if self.random.random() < 0.005:
                self.switch_on()
                self.seen["switched off and on"] += 1


class Server:
    """gunicorn with its workers, to be killed."""

    def __init__(self, port, log):
        self.port, self.log, self.process = port, log, None

    def start(self):
        command = [sys.executable, "-m", "gunicorn", "casemgmt.wsgi", "--preload", "--no-control-socket"]
        command += ["--workers", str(WORKERS), "--bind", f"127.0.0.1:{self.port}", "--log-level", "critical"]
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdout=self.log, stderr=self.log, start_new_session=True
        )
        for _ in range(1200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.1)
        sys.exit("chaos: the server did not start")

    def workers(self):
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in children.read_text().split()]

    def kill_worker(self):
        """Whether one was there to be killed."""
        pids = self.workers()
        if not pids:
            return False
        try:
            os.kill(random.choice(pids), signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True

    def kill(self):
        """All of it at once, as when the machine goes."""
        # The group, so that a worker just born does not keep the port.
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def session_of(user):
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return session.session_key


def make_devices(cast, folder, port):
    """Each with a colleague of its own and somebody whom they serve."""
    for number in range(DEVICES):
        user = User.objects.create_user(f"chaos{number}")
        with acting_as(cast.riverside, by=cast.dana):
            worker = StaffMember.objects.create(name=f"Chaos {number}", user=user, roles=["case_manager"])
        client = builders.make_client(cast.riverside, by=cast.dana)
        on = timezone.localdate() - timedelta(days=400)
        enrollment = builders.enroll(client, cast.ccm, worker, by=cast.dana, on=on)
        yield Device(number, folder, worker, enrollment, session_of(user), port)


def wrong_with(agency, devices):
    """What contradicts what the devices were told, in words."""
    found = []
    with acting_as(agency, by=None):
        rows = list(models.QuerySet(Visit).exclude(uid=None))
        count = lambda model, **only: Counter(  # noqa: E731 (said twice below)
            models.QuerySet(model).filter(**only).values_list("visit", flat=True)
        )
        leads, signatures = count(VisitParticipant, role="lead"), count(VisitSignature)
        told = {}
        for history in (
            Visit.history.exclude(uid=None)
            .order_by("history_id")
            .values("id", "version", "note", "signed_at")
        ):
            told.setdefault(history["id"], []).append(history)
    stored = {}
    for row in rows:
        stored.setdefault(str(row.uid), []).append(row)
    for device in devices:
        for key, note, answered in device.rows():
            here = stored.pop(key, [])
            if answered and len(here) != 1:
                found.append(f"{key} was answered and is there {len(here)} times")
            elif len(here) > 1:
                found.append(f"{key} is there {len(here)} times")
            for row in here:
                history = told.get(row.pk, [])
                if row.note != note:
                    found.append(f"{key} has other words")
                if (leads[row.pk], signatures[row.pk]) != (1, 1) or row.signed_at is None:
                    found.append(f"{key} has {leads[row.pk]} leads and {signatures[row.pk]} signatures")
                if [h["version"] for h in history] != list(range(1, row.version + 1)):
                    found.append(f"{key} has a history with gaps")
                elif (history[-1]["note"], history[-1]["signed_at"]) != (row.note, row.signed_at):
                    found.append(f"{key} differs from its history")
    found += [f"{key} was never typed" for key in stored]
    return found


def main(visits, kills):
    call_command("migrate", verbosity=0)
    cast = build_cast()
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="casemgmt-chaos-") as name:
        folder = Path(name)
        devices = list(make_devices(cast, folder, port))
        connections.close_all()
        with (folder / "server.log").open("wb") as log:
            server = Server(port, log)
            server.start()
            threads = [
                threading.Thread(target=device.work, args=(visits // DEVICES,), daemon=True)
                for device in devices
            ]
            began = time.monotonic()
            for thread in threads:
                thread.start()
            killed = harass(server, devices, threads, visits, kills)
            took = time.monotonic() - began
            server.kill()
        for device in devices:
            device.switch_on()
        wrong = wrong_with(cast.riverside, devices)
        seen = sum((device.seen for device in devices), Counter())
        answered = sum(bool(row[2]) for device in devices for row in device.rows())
        still = sum(len(device.unsent()) for device in devices)
        print(f"{answered} visits answered, {still} still in an outbox, in {took:.0f} s")
        print(f"{killed} workers killed, the whole server 3 times; of the devices:")
        for what, times in sorted(seen.items()):
            print(f"  {what}: {times}")
        for line in wrong[:20]:
            print(line)
        refused = {
            what: n for what, n in seen.items() if what.startswith("answered") and not what.endswith("302")
        }
        cut = seen["cut between request and answer"]
        good = (
            not wrong
            and not refused
            and answered >= visits // DEVICES * DEVICES
            and killed >= kills
            and cut >= kills
        )
        good = good and not seen["another answer to the same"]
        print(
            "Nothing was lost, nothing is there twice." if good else f"FAILED: {len(wrong)} wrong, cut {cut}"
        )
        return 0 if good else 1


def harass(server, devices, threads, visits, kills):
    """Kill workers evenly over the run, and go on until requests were cut as often; three times kill everything."""
    killed, wholes, last = 0, 0, time.monotonic()
    while any(thread.is_alive() for thread in threads):
        time.sleep(0.02)
        answered = sum(device.seen["answered 302"] for device in devices)
        cut = sum(device.seen["cut between request and answer"] for device in devices)
        share = answered / visits
        if wholes < 3 and share > (wholes + 1) / 4:
            server.kill()
            server.start()
            wholes += 1
        elif (killed < kills * share * 1.1 or cut < kills * share * 1.1) and server.kill_worker():
            killed += 1
        if time.monotonic() - last > 15:
            last = time.monotonic()
            others = sum((device.seen for device in devices), Counter())
            print(
                f"{answered} of {visits} answered, {killed} workers killed, {cut} cut; {dict(others)}",
                flush=True,
            )
    return killed


if __name__ == "__main__":
    wanted = [int(n) for n in sys.argv[1:]] + [10_000, 300][len(sys.argv) - 1 :]
    sys.exit(main(*wanted))
