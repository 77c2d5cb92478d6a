"""The supervisor runs as a process of its own, over children that only sleep."""

import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def wait_for(question, seconds=30):
    give_up_at = time.monotonic() + seconds
    while not (answer := question()):
        assert time.monotonic() < give_up_at, "waited in vain"
        time.sleep(0.02)
    return answer


class Run:
    """A supervisor over the given shell commands. Every process of it carries the mark in its arguments."""

    def __init__(self, folder: Path, *commands: str) -> None:
        self.mark = f"mark-{os.getpid()}-{folder.name}"
        self.output = folder / "output"
        script = f"""
            from pathlib import Path
            from config import supervisor
            supervisor.PAUSE_SECONDS = 0
            with supervisor.Supervisor(Path({str(folder)!r}), lambda line: print(line, flush=True)) as all:
                all.listen_to_signals()
                for number, command in enumerate({commands!r}):
                    all.start(supervisor.Child(f"child{{number}}", ["sh", "-c", command, {self.mark!r}]))
                print("started", flush=True)
                all.run()
        """
        (folder / "run.py").write_text(textwrap.dedent(script))
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, folder / "run.py", self.mark],
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                stdout=output,
                stderr=output,
            )
        wait_for(lambda: "started" in self.said())

    def said(self) -> str:
        return self.output.read_text()

    def processes(self) -> list[str]:
        shown = subprocess.run(["ps", "-ww", "-eo", "pid=,args="], capture_output=True, text=True, check=True).stdout
        return [line for line in shown.splitlines() if self.mark in line]

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout=30)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_and_leaves_no_process(tmp_path, number):
    # The second child leaves a grandchild behind that would outlive it.
    run = Run(tmp_path, "sleep 60; :", "sh -c 'sleep 60; :' $0 & sleep 60; :")
    wait_for(lambda: len(run.processes()) >= 4)

    assert run.end(number) == 0

    wait_for(lambda: not run.processes())


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of their parent's end")
def test_killed_itself_it_still_leaves_no_child(tmp_path):
    run = Run(tmp_path, "sleep 60; :")

    assert run.end(signal.SIGKILL) == -signal.SIGKILL

    wait_for(lambda: not run.processes())


def test_a_child_that_died_is_started_again(tmp_path):
    run = Run(tmp_path, "sleep 60; :")
    first = wait_for(lambda: [line for line in run.processes() if "sleep" in line])[0].split()[0]

    os.kill(int(first), signal.SIGKILL)

    assert wait_for(lambda: "child0 ended (code -9) and is started again: 1 of 5" in run.said())
    assert wait_for(lambda: [line for line in run.processes() if "sleep" in line and line.split()[0] != first])
    assert run.end(signal.SIGTERM) == 0


def test_a_child_that_keeps_dying_ends_the_run_with_its_last_words(tmp_path):
    run = Run(tmp_path, "echo the disk is full; exit 3", "sleep 60; :")

    assert run.process.wait(timeout=30) == 1

    assert "child0 keeps ending (code 3)" in run.said()
    assert "the disk is full" in run.said()
    wait_for(lambda: not run.processes())


class TestMakeRun:
    """What it says before anything is installed or started."""

    @pytest.fixture(autouse=True)
    def checkout(self, tmp_path):
        """One of its own, with a lock of its own: the demo may be running from ours."""
        self.folder = tmp_path / "checkout"
        for name in ("__init__.py", "alone.py"):
            target = self.folder / "config" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text((ROOT / "config" / name).read_text())

    def asked(self, port: int | str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "config.alone"],
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], "PORT": str(port)},
            capture_output=True,
            text=True,
            check=False,
        )

    @pytest.mark.parametrize("host", ["127.0.0.1", "::1", "0.0.0.0"])
    def test_names_a_port_that_is_taken(self, host):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            listening = socket.create_server((host, 0), family=family)
        except OSError:
            pytest.skip(f"this machine has no loopback {host}: containers often come without IPv6")
        with listening:
            port = listening.getsockname()[1]

            assert f"Port {port} is taken" in self.asked(port).stderr

    @pytest.mark.parametrize("port", ["eighty", "80", "70000", "-1"])
    def test_refuses_what_is_no_port(self, port):
        assert "PORT must be a number" in self.asked(port).stderr

    def test_names_another_run_of_the_same_checkout(self, tmp_path):
        from config import alone

        with alone.take_the_run(tmp_path) as lock:
            alone.write_who_runs(lock, 8123)
            code = f"from pathlib import Path; from config import alone; alone.take_the_run(Path({str(tmp_path)!r}))"
            second = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)

        assert second.returncode == 1
        assert f"already running from this checkout (process {os.getpid()}, http://localhost:8123)" in second.stderr
