#!/usr/bin/env python3
"""The part of scripts/demo that runs after the build: starts the programs, watches them and judges what they did.

Nothing but the standard library. Every process writes its events (one JSON object a line) and its log into a file of the
demo's directory, so that they can be read afterwards and go on when this program has ended.
"""

import argparse
import collections
import dataclasses
import json
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from programs import DemoFailure, Program, start_time, stop

UID_DOMAIN = "demo.example"
NODES, CPUS = 2, 4

# Owner of each annex.
ANNEXES = {"alpha": "alice", "beta": "bob"}

# owner, tag, number of jobs, seconds that each runs. What must not run stands first in the queue, where a careless
# schedd would take it; each annex gets more jobs than it has processors, so that claims are used again.
QUEUE = [
    ("alice", None, 4, 1),
    ("alice", "beta", 3, 1),
    ("carol", "alpha", 3, 1),
    ("bob", None, 3, 1),
    ("carol", None, 2, 1),
    ("alice", "alpha", 14, 3),
    ("bob", "beta", 11, 4),
]

TOOL_SECONDS = 30  # for one call of the tool
JOBS_SECONDS = 120  # until every job that should run has finished
SETTLE_SECONDS = 4  # after that, in which no other job may start


# Jobs


@dataclasses.dataclass
class Job:
    """A job of the queue and what became of it."""

    job: str
    owner: str
    tag: str | None
    seconds: int
    state: str = "waiting"
    annex: str | None = None
    slot: str | None = None

    @property
    def may_run(self):
        """Whether it is tagged for an annex of its owner."""
        return self.tag is not None and ANNEXES.get(self.tag) == self.owner


class Jobs:
    """The queue, kept up to date by the schedd's events."""

    def __init__(self):
        self.by_id = {}
        self.wrong = []
        for cluster, (owner, tag, count, seconds) in enumerate(QUEUE, start=1):
            for proc in range(count):
                self.by_id[f"{cluster}.{proc}"] = Job(f"{cluster}.{proc}", owner, tag, seconds)

    def write(self, path):
        """The file that `flocksim schedd --jobs` reads."""
        entries = [
            {"owner": owner, "count": count, "duration": seconds, **({"flockTarget": tag} if tag else {})}
            for owner, tag, count, seconds in QUEUE
        ]
        path.write_text(json.dumps(entries, indent=1) + "\n")

    def apply(self, event):
        """Takes a `job_started` or `job_finished` event; says whether it was one, and notes what must not be."""
        kind = event.get("event")
        job = self.by_id.get(event.get("job"))
        if kind == "job_started":
            self._started(job, event)
        elif kind == "job_finished":
            self._finished(job, event)
        else:
            return False
        return True

    def _started(self, job, event):
        annex, slot = event.get("annex"), event.get("slot")
        if job is None or job.state != "waiting":
            self.wrong.append(f"job {event.get('job')} started, but it is {job.state if job else 'not in the queue'}")
            return
        for other in self.by_id.values():
            if other.state == "running" and (other.annex, other.slot) == (annex, slot):
                self.wrong.append(f"job {job.job} started on {slot} of annex {annex}, where job {other.job} runs")
        job.state, job.annex, job.slot = "running", annex, slot
        if not job.may_run or annex != job.tag:
            self.wrong.append(f"job {job.job} of {job.owner}, {describe_tag(job.tag)}, ran on {slot} of annex {annex}")

    def _finished(self, job, event):
        if job is None or job.state != "running":
            self.wrong.append(f"job {event.get('job')} finished, but it is {job.state if job else 'not in the queue'}")
            return
        job.state = "finished"

    def unfinished(self):
        return [job for job in self.by_id.values() if job.may_run and job.state != "finished"]

    def groups(self):
        """Jobs of the same owner and tag, in the order of the queue."""
        groups = {}
        for job in self.by_id.values():
            groups.setdefault((job.owner, job.tag), []).append(job)
        return groups


def describe_tag(tag):
    return f"tagged {tag}" if tag else "untagged"


# What is shown


def format_table(rows):
    widths = [max(len(str(row[column])) for row in rows) for column in range(len(rows[0]))]
    return "\n".join("  ".join(str(cell).ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows)


def status_tables(annexes, jobs):
    """The state of the annexes as the broker tells it, and of the jobs as the schedd does."""
    counts = collections.Counter((job.annex, job.state) for job in jobs.by_id.values())
    rows = [("ANNEX", "OWNER", "STATE", "NODES", "SLOTS", "RUNNING", "FINISHED")]
    for annex in sorted(annexes, key=lambda annex: annex.get("AnnexName", "")):
        name = annex.get("AnnexName")
        rows.append((
            name, annex.get("Owner"), annex.get("State"), annex.get("Masters"), annex.get("Slots"),
            counts[name, "running"], counts[name, "finished"]))
    text = format_table(rows) + "\n\n"

    rows = [("JOBS OF", "TAG", "MUST RUN", "WAITING", "RUNNING", "FINISHED")]
    for (owner, tag), group in jobs.groups().items():
        states = collections.Counter(job.state for job in group)
        rows.append((
            owner, tag or "-", "yes" if group[0].may_run else "never", states["waiting"], states["running"],
            states["finished"]))
    return text + format_table(rows)


def summary(jobs):
    """Which jobs ran where."""
    lines = []
    for (owner, tag), group in jobs.groups().items():
        ran = [job for job in group if job.state != "waiting"]
        places = collections.Counter(f"annex {job.annex}" for job in ran)
        where = ", ".join(f"{count} on {place}" for place, count in sorted(places.items())) or "none ran"
        lines.append(f"  {owner}, {describe_tag(tag)}: {len(group)} jobs, {where}")
    return "\n".join(lines)


class Screen:
    """Redraws in place on a terminal; elsewhere prints a table now and then."""

    EVENTS_BETWEEN_TABLES = 8

    def __init__(self):
        self.in_place = sys.stdout.isatty()
        self._shown = None
        self._pending = 0

    def show(self, text, events, last=False):
        self._pending += events
        if text == self._shown:
            return
        if not self.in_place:
            if self._shown is not None and not last and self._pending < self.EVENTS_BETWEEN_TABLES:
                return
            print(text, end="\n\n", flush=True)
        else:
            if self._shown is not None:
                lines = self._shown.count("\n") + 2
                print(f"\x1b[{lines}A\x1b[J", end="")
            print(text, end="\n\n", flush=True)
        self._shown, self._pending = text, 0


# The demo


def host_and_port(sinful):
    """`127.0.0.1:9620` of `<127.0.0.1:9620?alias=...>`."""
    return sinful.strip("<>").partition("?")[0]


class Demo:
    def __init__(self, programs, directory, keep):
        self.programs = programs
        self.directory = directory
        self.keep = keep
        self.state = directory / "broker"
        self.address = None
        self.running = []
        self.jobs = Jobs()

    def start(self, name, *command):
        program = Program(name, [self.programs / command[0], *command[1:]], self.directory, outlive=self.keep)
        self.running.append(program)
        ready = program.wait_until_ready()
        print(f"  {name} is ready (process {program.process.pid})", flush=True)
        return program, ready

    def tool(self, *words):
        """Runs `flockbroker` and returns what it printed."""
        command = [self.programs / "flockbroker", *words, "--state-directory", self.state]
        try:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=TOOL_SECONDS)
        except subprocess.TimeoutExpired:
            raise DemoFailure(f"flockbroker {' '.join(words)} did not end within {TOOL_SECONDS} s") from None
        if done.returncode != 0:
            raise DemoFailure(f"flockbroker {' '.join(words)} ended with {done.returncode}:\n{done.stderr}")
        return done.stdout

    def list_annexes(self):
        """The annexes as the broker tells them."""
        text = self.tool("annex", "list", "--json")
        try:
            return json.loads(text)
        except ValueError:
            raise DemoFailure(f"flockbroker annex list --json printed no JSON:\n{text}") from None

    def start_everything(self):
        _, ready = self.start(
            "flockbrokerd", "flockbrokerd", "--state-directory", self.state, "--listen", "127.0.0.1:0",
            "--uid-domain", UID_DOMAIN)
        self.address = ready["address"]
        for annex, owner in ANNEXES.items():
            pilots = self.directory / f"pilots-{annex}"
            self.tool("annex", "create", annex, "--owner", owner, "--directory", str(pilots), "--lifetime", "1h")
            print(f"  annex {annex} of {owner}; what its pilots need is in {pilots}", flush=True)
            self.start(
                f"pilots-{annex}", "flocksim", "pilots", "--pilot-directory", pilots, "--nodes", str(NODES),
                "--cpus", str(CPUS))
        queue = self.directory / "jobs.json"
        self.jobs.write(queue)
        self.schedd, _ = self.start(
            "schedd", "flocksim", "schedd", "--broker", host_and_port(self.address), "--uid-domain", UID_DOMAIN,
            "--jobs", queue)
        print(flush=True)

    def watch(self):
        """Until every job that should run has finished, and a little longer to see that no other starts."""
        screen = Screen()
        deadline = time.monotonic() + JOBS_SECONDS
        settled = None
        next_list = 0
        while settled is None or time.monotonic() < settled:
            for program in self.running:
                program.check()
            events = sum(self.jobs.apply(event) for event in self.schedd.new_events())
            if time.monotonic() >= next_list:
                annexes = self.list_annexes()
                next_list = time.monotonic() + 1
            screen.show(status_tables(annexes, self.jobs), events)
            if self.jobs.wrong:
                break
            if settled is None and not self.jobs.unfinished():
                settled = time.monotonic() + SETTLE_SECONDS
            if settled is None and time.monotonic() > deadline:
                break
            time.sleep(0.1)
        screen.show(status_tables(annexes, self.jobs), 0, last=True)

    def verdict(self):
        """What is not as it must be."""
        late = [
            f"job {job.job} of {job.owner}, tagged {job.tag}, is {job.state} after {JOBS_SECONDS} s"
            for job in self.jobs.unfinished()
        ]
        return self.jobs.wrong or late

    def how_to_query(self):
        """How to look at what keeps running."""
        pool = host_and_port(self.address)
        root = pathlib.Path(__file__).resolve().parents[2]
        python = root / ".build-venv/bin/python"
        hint = "" if python.exists() else "   # after: pip install htcondor==25.14.1\n"
        environment = "CONDOR_CONFIG=ONLY_ENV _CONDOR_SEC_CLIENT_AUTHENTICATION_METHODS=FS"
        code = (
            f'import htcondor2; [print(ad["Name"], ad["AnnexName"], ad["State"]) for ad in '
            f'htcondor2.Collector("{pool}").query(htcondor2.AdType.Startd)]')
        return (
            f"Everything goes on, at {pool}. Look at it with\n\n"
            f"  {environment} condor_status -pool {pool}\n\n{hint}"
            f"  {environment} {python if python.exists() else 'python3'} -c '{code}'\n\n"
            f"and stop it with\n\n"
            f"  scripts/demo --stop {self.directory}\n")

    def processes(self):
        return [(program.process.pid, start_time(program.process.pid)) for program in self.running]

    def run(self):
        """0 if all was as it must be, else 1."""
        try:
            self.start_everything()
            self.watch()
            wrong = self.verdict()
            print("Which job ran where:\n" + summary(self.jobs) + "\n")
            if wrong:
                raise DemoFailure("\n".join(wrong))
        except DemoFailure as failure:
            print(f"FAILED: {failure}\n\nThe logs are in {self.directory}", file=sys.stderr)
            return 1
        print("PASSED: every job tagged for an annex of its owner ran there, and no other job ran.", flush=True)
        return 0


def run(programs, keep):
    directory = pathlib.Path(tempfile.mkdtemp(prefix="flockbroker-demo-"))
    demo = Demo(programs, directory, keep)
    status = None  # as long as nothing has been judged
    try:
        status = demo.run()
    finally:
        if keep and status == 0:
            (directory / "processes.json").write_text(json.dumps(demo.processes()))
            print("\n" + demo.how_to_query())
        else:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
            stop(demo.processes())
            if status != 1:
                shutil.rmtree(directory)
    return status


def stop_kept(directory):
    """Stops what an earlier run left, and removes its directory."""
    try:
        processes = json.loads((directory / "processes.json").read_text())
    except (OSError, ValueError):
        print(f"{directory}: no demo was left running here", file=sys.stderr)
        return 1
    stop(processes)
    shutil.rmtree(directory)
    print(f"stopped; {directory} is removed")
    return 0


def main():
    parser = argparse.ArgumentParser(description="Started by scripts/demo; see there.")
    parser.add_argument("--programs", type=pathlib.Path, help="folder of the built programs")
    parser.add_argument("--keep", action="store_true", help="leave everything running")
    parser.add_argument("--stop", type=pathlib.Path, metavar="DIRECTORY", help="stop what --keep left running")
    options = parser.parse_args()
    if options.stop:
        return stop_kept(options.stop)
    if not options.programs:
        parser.error("--programs is needed")
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    try:
        return run(options.programs.resolve(), options.keep)
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


if __name__ == "__main__":
    sys.exit(main())
