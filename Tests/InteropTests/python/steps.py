"""Takes steps with a real HTCondor client library of any version, in one process, which keeps its security sessions.

The steps are words: `query` asks for the names of the ads of a type, `advertise` sends an ad, `wait` waits for SIGUSR1.
Prints one JSON object a line:
  {"event": "ready", "version": "23.0.28"}
  {"event": "answered", "names": ["slot1@ep", ...]}                   of query
  {"event": "advertised"}                                             of advertise
  {"event": "waiting"}                                                of wait, before it waits
  {"event": "failed", "error": ..., "message": ...}                   of query and advertise
"""

import argparse
import pathlib
import signal

import condor_client


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("steps", nargs="+", choices=["query", "advertise", "wait"])
    parser.add_argument("--directory", type=pathlib.Path, help="a pilot's directory")
    parser.add_argument("--pool", metavar="ADDRESS", help="instead of COLLECTOR_HOST")
    parser.add_argument("--type", default="Startd", metavar="TYPE", help="what is asked for")
    parser.add_argument("--ad", type=pathlib.Path, metavar="FILE", help="file whose first ad is sent")
    parser.add_argument("--name", metavar="NAME", help="its Name")
    parser.add_argument("--command", default="UPDATE_STARTD_AD", metavar="COMMAND", help="how it is sent")
    condor_client.add_configuration_arguments(parser)
    return parser.parse_args()


def main():
    options = arguments()
    # Before the library starts threads, which inherit it.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
    htcondor, classad = condor_client.configure(options, options.directory)
    collector = htcondor.Collector(options.pool)
    condor_client.emit("ready", version=htcondor.version().split()[1])

    def query():
        ads = collector.query(condor_client.ad_type(htcondor, options.type), "true", ["Name"])
        return {"event": "answered", "names": sorted(ad["Name"] for ad in ads)}

    def advertise():
        ad = next(iter(classad.parseAds(options.ad.read_text())))
        if options.name:
            ad["Name"] = options.name
        collector.advertise([ad], options.command)
        return {"event": "advertised"}

    for step in options.steps:
        if step == "wait":
            condor_client.emit("waiting")
            signal.sigwait({signal.SIGUSR1})
            continue
        try:
            outcome = query() if step == "query" else advertise()
        except Exception as error:  # whatever the library raises is the result
            outcome = {"event": "failed", "error": type(error).__name__, "message": str(error)}
        condor_client.emit(**outcome)


if __name__ == "__main__":
    main()
