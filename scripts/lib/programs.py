"""Processes that scripts/demo starts, watches and ends."""

import ctypes
import json
import os
import pathlib
import signal
import subprocess
import time

READY_SECONDS = 30  # until a process says that it is ready
STOP_SECONDS = 10  # for a process to end after SIGTERM


class DemoFailure(Exception):
    """Something is not as it must be; the text is for the person who watches."""


class Program:
    """A process whose standard output is a stream of events and whose standard error is its log."""

    def __init__(self, name, command, directory, outlive):
        self.name = name
        self.log = directory / f"{name}.log"
        self.events = directory / f"{name}.events"
        self.events.touch()
        self._reader = self.events.open("rb")
        self._rest = b""
        self._unread = []
        with self.events.open("wb") as output, self.log.open("wb") as log:
            # A session of its own: an interrupt from the terminal is for this program, which then stops the others.
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=log, start_new_session=True,
                preexec_fn=None if outlive else _end_with_parent)

    def new_events(self):
        """Events written since the last call; a line that is not yet complete waits for the next one."""
        *lines, self._rest = (self._rest + self._reader.read()).split(b"\n")
        events, self._unread = self._unread, []
        try:
            return events + [json.loads(line) for line in lines if line.strip()]
        except ValueError as error:
            raise DemoFailure(f"{self.name} printed something that is no event: {error}") from None

    def check(self):
        """Raises if the process has ended."""
        status = self.process.poll()
        if status is not None:
            raise DemoFailure(f"{self.name} ended with status {status}; the end of its log:\n{self.log_end()}")

    def wait_until_ready(self):
        """The `ready` event, which every program prints once it serves."""
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            events = self.new_events()
            for index, event in enumerate(events):
                if event.get("event") == "ready":
                    self._unread = events[index + 1:]
                    return event
            self.check()
            time.sleep(0.05)
        raise DemoFailure(f"{self.name} was not ready after {READY_SECONDS} s; the end of its log:\n{self.log_end()}")

    def log_end(self):
        lines = self.log.read_text(errors="replace").splitlines()[-12:]
        return "\n".join("    " + line for line in lines) or "    (empty)"


def _end_with_parent():
    """In the child: SIGTERM when this program ends, however it ends."""
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)


def start_time(pid):
    """When a process started, in ticks since boot: with the id it names one process for good. `None` if it has ended."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else fields[19]


def is_alive(pid, started):
    """Whether exactly this process still runs."""
    return started is not None and start_time(pid) == started


def stop(processes):
    """Ends the processes, (id, start time) each, the last first: in good order, or by force if that takes too long."""
    for pid, started in reversed(processes):
        if not is_alive(pid, started):
            continue
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while is_alive(pid, started) and time.monotonic() < deadline:
            time.sleep(0.05)
        if is_alive(pid, started):
            os.kill(pid, signal.SIGKILL)
