"""Advertises ads with the real HTCondor client library, as a pilot's daemons would, from a pilot's directory.

Prints one JSON object a line:
  {"event": "settings", "file": ..., "collector": ..., "methods": ...}   what the library understood of the files
  {"event": "advertised", "attempt": 1, "command": ..., "names": [...]}
  {"event": "refused", "attempt": 1, "command": ..., "error": ..., "message": ...}
Ends with 0 if every attempt was accepted, with 1 if one was refused, with 2 on wrong usage.

Plain updates are not answered: "advertised" says that the server let the library in and took the message.
"""

import argparse
import pathlib
import sys

import condor_client


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=pathlib.Path, help="the pilot's directory")
    parser.add_argument("--ad", dest="files", action="append", type=pathlib.Path, required=True, metavar="FILE",
                        help="file of ads, one attribute a line, ads parted by empty lines; may be repeated")
    parser.add_argument("--name", dest="names", action="append", default=[], metavar="NAME",
                        help="Name of the first ad, of the second ad, ...: then only as many ads are sent")
    parser.add_argument("--attribute", dest="attributes", action="append", default=[], metavar="NAME=EXPRESSION",
                        help="attribute to put into every ad; may be repeated")
    parser.add_argument("--command", default="UPDATE_STARTD_AD", metavar="COMMAND")
    parser.add_argument("--times", type=int, default=1, metavar="N", help="attempts, in one process")
    parser.add_argument("--pool", metavar="ADDRESS", help="instead of COLLECTOR_HOST")
    condor_client.add_configuration_arguments(parser)
    return parser.parse_args()


def load_ads(classad2, options):
    ads = [ad for file in options.files for ad in classad2.parseAds(file.read_text())]
    if len(options.names) > len(ads):
        condor_client.usage_error(f"{len(options.names)} names for {len(ads)} ads")
    if options.names:
        ads = ads[:len(options.names)]
        for ad, name in zip(ads, options.names):
            ad["Name"] = name
    for assignment in options.attributes:
        name, _, expression = assignment.partition("=")
        for ad in ads:
            ad[name.strip()] = classad2.ExprTree(expression)
    return ads


def main():
    options = arguments()
    htcondor2, classad2 = condor_client.configure(options, options.directory)
    ads = load_ads(classad2, options)
    param = htcondor2.param
    condor_client.emit(
        "settings", file=str(options.configuration or condor_client.configuration_in(options.directory)),
        collector=options.pool or param.get("COLLECTOR_HOST"), methods=param.get("SEC_CLIENT_AUTHENTICATION_METHODS"))

    collector = htcondor2.Collector(options.pool)
    refused = False
    for attempt in range(1, options.times + 1):
        try:
            collector.advertise(ads, options.command)
        except Exception as error:  # whatever the library raises is the result
            refused = True
            condor_client.emit("refused", attempt=attempt, command=options.command, error=type(error).__name__,
                               message=str(error))
        else:
            condor_client.emit("advertised", attempt=attempt, command=options.command,
                               names=[ad.get("Name") for ad in ads])
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
