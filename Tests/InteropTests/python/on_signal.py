"""Advertises or queries with the real HTCondor client library once for every SIGUSR1, in one process, which keeps its
security sessions; ends at SIGTERM.

Prints one JSON object a line:
  {"event": "ready"}
  {"event": "advertised"}                                                of advertise
  {"event": "answered", "ads": [{"MyType": ..., "Name": ..., ...}]}      of query
  {"event": "failed", "error": ..., "message": ...}
"""

import argparse
import itertools
import json
import pathlib
import signal

import condor_client

PROJECTION = ["MyType", "Name", "AnnexName", "LastHeardFrom", "DynamicSlot"]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    actions = parser.add_subparsers(dest="action", required=True)
    advertise = actions.add_parser("advertise")
    advertise.add_argument("directory", type=pathlib.Path, help="the pilot's directory")
    advertise.add_argument("--ad", dest="file", type=pathlib.Path, required=True, metavar="FILE")
    advertise.add_argument("--number-names", action="store_true", help="another Name for every attempt: N@library")
    advertise.add_argument("--command", default="UPDATE_STARTD_AD", metavar="COMMAND")
    query = actions.add_parser("query")
    query.add_argument("pool", help="address of the collector")
    for action in (advertise, query):
        condor_client.add_configuration_arguments(action)
    return parser.parse_args()


def action_of(options):
    """The function to call at every signal; it returns the fields of its event."""
    if options.action == "advertise":
        htcondor2, classad2 = condor_client.configure(options, options.directory)
        ads = list(classad2.parseAds(options.file.read_text()))
        collector = htcondor2.Collector()

        attempts = itertools.count(1)

        def advertise():
            if options.number_names:
                number = next(attempts)
                for ad in ads:
                    ad["Name"] = f"{number}@library"
            collector.advertise(ads, options.command)
            return {"event": "advertised"}

        return advertise

    htcondor2, _ = condor_client.configure(options)
    collector = htcondor2.Collector(options.pool)

    def query():
        ads = collector.query(htcondor2.AdType.Any, None, PROJECTION)
        return {"event": "answered", "ads": [json.loads(ad.printJson()) for ad in ads]}

    return query


def main():
    options = arguments()
    signals = {signal.SIGUSR1, signal.SIGTERM}
    # Before the library starts threads, which inherit it.
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    act = action_of(options)
    condor_client.emit("ready")
    while signal.sigwait(signals) == signal.SIGUSR1:
        try:
            outcome = act()
        except Exception as error:  # whatever the library raises is the result
            outcome = {"event": "failed", "error": type(error).__name__, "message": str(error)}
        condor_client.emit(**outcome)


if __name__ == "__main__":
    main()
