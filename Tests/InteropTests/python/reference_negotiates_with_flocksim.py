"""Lets the Python reference negotiate with `flocksim schedd` about slots of `flocksim pilots`.

The reference (folder ../reference) is an implementation of its own that was checked against real daemons; here it plays
the broker. The simulated peers must behave towards it as real ones do, weaknesses included:

  gate       the schedd's gate lets only jobs with the right tag of the right owner run, also by leftovers and reuse
  pilot      so does the START expression of the pilots alone
  nothing    without both, untagged jobs of the owner follow a tagged one into the annex
  static     slots that are not partitionable are matched one by one
  vacated    a job that an administrator evicts with the startd's capability runs again
  stopped    a master that is told so with its capability takes its ads back and leaves
  pilots restart, schedd restart
             after the broker was killed and has forgotten all sessions, they come back by themselves

Prints one JSON object for each scenario and ends with 0 if all went as they should, otherwise with 1.
Needs the packages `cryptography` and `htcondor` (for classad2).
"""

import argparse
import contextlib
import json
import pathlib
import queue
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "reference"))

import auth_methods  # noqa: E402
import negotiator  # noqa: E402
import secman  # noqa: E402
import sharedport  # noqa: E402
from cedar import Ad  # noqa: E402

DOMAIN = "demo.example"
PATIENCE = 60


class Program:
    """A `flocksim` whose events are read as they come."""

    def __init__(self, arguments):
        self.process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
        self.events = []
        self.fresh = queue.Queue()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            event = json.loads(line)
            self.events.append(event)
            self.fresh.put(event)
        self.fresh.put(None)

    def wait_for(self, kind):
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            with contextlib.suppress(queue.Empty):
                event = self.fresh.get(timeout=1)
                if event is None:
                    break
                if event["event"] == kind:
                    return event
        raise SystemExit(f"{self.process.args[1]}: no event {kind} within {PATIENCE} s: {self.events}")

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()

    def jobs(self, kind):
        return sorted(event["job"] for event in self.events if event["event"] == kind)


@contextlib.contextmanager
def running_broker(key):
    issuer = auth_methods.IdTokenIssuer(DOMAIN, {"POOL": key})
    broker = negotiator.MiniBroker(
        uid_domain=DOMAIN, auth="IDTOKENS,FS", interval=1, log=lambda line: None,
        constraint="FlockTarget =!= undefined", server_config={"idtokens": issuer, "issuer_keys": "POOL"})
    thread = threading.Thread(target=broker.serve, args=(4 * PATIENCE,), daemon=True)
    thread.start()
    try:
        yield broker
    finally:
        broker.stop.set()
        broker.wake.set()
        thread.join(10)


def pilot_directory(folder, port, key, start):
    tokens = folder / "tokens.d"
    tokens.mkdir(mode=0o700)
    token = auth_methods.mint(key, "POOL", DOMAIN, f"alice@{DOMAIN}", lifetime=3600)
    (tokens / "annex").write_text(token + "\n")
    (tokens / "annex").chmod(0o600)
    (folder / "pilot.conf").write_text(f"""\
COLLECTOR_HOST = <127.0.0.1:{port}>
SEC_CLIENT_AUTHENTICATION_METHODS = IDTOKENS
SEC_TOKEN_DIRECTORY = $(LOCAL_DIR)/tokens.d
AnnexName = "a1"
STARTD_ATTRS = $(STARTD_ATTRS) AnnexName
MASTER_ATTRS = $(MASTER_ATTRS) AnnexName
START = {start}
UPDATE_INTERVAL = 5
""")


JOBS = [
    {"owner": "alice", "count": 3, "flockTarget": "a1"},
    {"owner": "alice", "count": 2},
    {"owner": "alice", "count": 1, "flockTarget": "a2"},
    {"owner": "bob", "count": 1, "flockTarget": "a1", "submitter": "alice"},
]
TAGGED = ["1.0", "1.1", "1.2"]
BOBS = "4.0"


def administer(broker, ad, command, payload):
    """Sends a command with the capability in a daemon's ad; returns the connection for the answer."""
    address = ad.str("MyAddress")
    session = secman.session_from_claim(ad.str("_condor_PrivRemoteAdminCapability"), "daemon", address)
    stream = sharedport.connect(address, "DAEMON", 20)
    broker.client.start_command(stream, command, session=session)
    payload(stream)
    stream.end_message()
    return stream


def eventually(what, condition):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(0.2)
    raise SystemExit(f"{what}: not within {PATIENCE} s")


class Setting:
    """A folder with a pilot's files and jobs, and the programs that use them."""

    def __init__(self, flocksim, folder, port, key, jobs, start="true"):
        self.flocksim, self.folder, self.port = flocksim, folder, port
        self.programs = contextlib.ExitStack()
        pilot_directory(folder, port, key, start)
        (folder / "jobs.json").write_text(json.dumps(jobs))

    def start(self, command, *options):
        program = Program([self.flocksim, command, "--broker", f"127.0.0.1:{self.port}", *options])
        self.programs.callback(program.stop)
        program.wait_for("ready")
        return program

    def pilots(self, *options):
        return self.start("pilots", "--pilot-directory", str(self.folder), *options)

    def schedd(self, *options):
        return self.start("schedd", "--jobs", str(self.folder / "jobs.json"), "--uid-domain", DOMAIN,
                          "--name", "ap@demo", "--interval", "2", *options)


@contextlib.contextmanager
def setting(flocksim, jobs, start="true"):
    key = secrets.token_bytes(64)
    with tempfile.TemporaryDirectory() as name, running_broker(key) as broker:
        made = Setting(flocksim, pathlib.Path(name), broker.port, key, jobs, start)
        with made.programs:
            yield broker, made


def sharing(flocksim, is_right, start="true", schedd_options=(), pilot_options=()):
    """Jobs of several kinds and one annex: which of them run, seen from both sides."""
    jobs = [{**job, "duration": 1} for job in JOBS]
    with setting(flocksim, jobs, start) as (broker, made):
        pilots = made.pilots("--nodes", "2", "--cpus", "2", *pilot_options)
        schedd = made.schedd("--until-idle", "10", *schedd_options)
        counts = schedd.wait_for("summary")["counts"]
        finished = schedd.jobs("job_finished")
        failed = [event for event in schedd.events + pilots.events if event["event"] == "failed"]
        matches = sum(event == "match" for _, event, _ in broker.history)
        return {
            "finished": finished, "matches": matches, "failed": failed, "counts": counts,
            "ok": is_right(finished) and finished == pilots.jobs("job_finished") and matches > 0 and not failed,
        }


def vacated(flocksim):
    with setting(flocksim, [{"owner": "alice", "flockTarget": "a1", "duration": 5}]) as (broker, made):
        pilots = made.pilots()
        schedd = made.schedd("--gate", "--until-idle", "15")
        slot = schedd.wait_for("job_started")["slot"]
        eventually("the ad of the dynamic slot", lambda: any(name == slot for name, _ in broker.slots))
        ad = next(found.ad for (name, _), found in broker.slots.items() if name == slot)
        administer(broker, ad, 465, lambda stream: stream.put_str(slot)).close()
        schedd.wait_for("job_evicted")
        counts = schedd.wait_for("summary")["counts"]
        evicted = pilots.jobs("job_evicted")
        return {"evicted": evicted, "counts": counts,
                "ok": evicted == ["1.0"] and counts["finished"] == 1 and counts["started"] == 2}


def stopped(flocksim):
    with setting(flocksim, []) as (broker, made):
        pilots = made.pilots("--name-prefix", "stop")
        eventually("the ads of slot and master", lambda: len(broker.slots) == 1 and "stop1" in broker.masters)
        request = Ad()
        request.set("WantReply", True)
        request.set("Command", 462)
        stream = administer(broker, broker.masters["stop1"], 452, lambda stream: stream.put_ad(request))
        reply = stream.get_ad()
        stream.end_read()
        stream.close()
        pilots.wait_for("summary")
        status = pilots.process.wait(PATIENCE)
        eventually("the invalidation", lambda: not broker.slots)
        answer = [reply.str("STARTD"), reply.bool("Success")]
        return {"answer": answer, "status": status, "ok": answer == ["Shutdown,Fast", True] and status == 0}


class BrokerProcess:
    """The reference's broker in a process of its own, which can be killed."""

    def __init__(self, key_file, port=0):
        script = pathlib.Path(negotiator.__file__)
        self.process = subprocess.Popen(
            [sys.executable, str(script), "--port", str(port), "--seconds", str(4 * PATIENCE), "--uid-domain", DOMAIN,
             "--auth", "IDTOKENS,FS", "--interval", "1", "--pool-key", str(key_file)],
            stdout=subprocess.PIPE, text=True)
        first = self.process.stdout.readline()
        self.port = int(first.rsplit(":", 1)[1].rstrip(">\n"))
        threading.Thread(target=self.process.stdout.read, daemon=True).start()

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(PATIENCE)


def restarted(flocksim, survivor):
    key = secrets.token_bytes(64)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        key_file = folder / "key"
        key_file.write_text(key.hex())
        broker = BrokerProcess(key_file)
        made = Setting(flocksim, folder, broker.port, key, [{"owner": "alice", "flockTarget": "a1", "count": 2}])
        with made.programs:
            try:
                start = {"pilots": made.pilots, "schedd": lambda: made.schedd("--gate", "--until-idle", "25")}
                first = start.pop(survivor)()
                broker.kill()
                broker = BrokerProcess(key_file, broker.port)
                ((_, start_other),) = start.items()
                other = start_other()
                schedd = first if survivor == "schedd" else other
                counts = schedd.wait_for("summary")["counts"]
            finally:
                broker.kill()
        forgotten = sum("sessionNotFound" in event.get("reason", "") for event in first.events)
        return {"forgotten": forgotten, "counts": counts, "ok": counts["finished"] == 2 and forgotten > 0}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("flocksim", help="the program")
    parser.add_argument("scenarios", nargs="*", help="only these")
    options = parser.parse_args()
    flocksim = options.flocksim

    def only_tagged(jobs):
        return jobs == TAGGED

    def others_too(jobs):
        return set(TAGGED) < set(jobs) and BOBS not in jobs

    tag = "TARGET.FlockTarget =?= MY.AnnexName"
    scenarios = {
        "gate": lambda: sharing(flocksim, only_tagged, schedd_options=["--gate"]),
        "pilot": lambda: sharing(flocksim, only_tagged, start=tag),
        "nothing": lambda: sharing(flocksim, others_too),
        "static": lambda: sharing(
            flocksim, only_tagged, schedd_options=["--gate"], pilot_options=["--fixed-slots", "2"]),
        "vacated": lambda: vacated(flocksim),
        "stopped": lambda: stopped(flocksim),
        "pilots restart": lambda: restarted(flocksim, "pilots"),
        "schedd restart": lambda: restarted(flocksim, "schedd"),
    }
    good = True
    for name in options.scenarios or scenarios:
        result = scenarios[name]()
        good = good and result["ok"]
        print(json.dumps({"scenario": name, **result}), flush=True)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
