"""Queries a collector with the real HTCondor client library.

Prints one JSON object a line:
  {"event": "ad", "ad": {...}}          one for each ad; expressions as "/Expr(...)/"
  {"event": "done", "count": 3, "private": ["ClaimId", ...]}
  {"event": "failed", "error": ..., "message": ...}
"private" names every attribute received that an answer must not hold. Ends with 0, with 1 if the query failed, with 2 on
wrong usage.
"""

import argparse
import json
import sys

import condor_client


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pool", help="address of the collector, host:port or <host:port?alias=name>")
    parser.add_argument("--type", default="Any", metavar="TYPE", help="Startd, Slot, Master, Schedd, Submitter, Any, ...")
    parser.add_argument("--constraint", metavar="EXPRESSION")
    parser.add_argument("--projection", metavar="NAME,...", type=lambda text: text.split(","))
    parser.add_argument("--authentication", metavar="WISH",
                        help="SEC_CLIENT_AUTHENTICATION: NEVER, OPTIONAL, PREFERRED or REQUIRED")
    parser.add_argument("--encryption", metavar="WISH", help="SEC_CLIENT_ENCRYPTION, likewise")
    parser.add_argument("--methods", metavar="METHOD,...", help="SEC_CLIENT_AUTHENTICATION_METHODS")
    condor_client.add_configuration_arguments(parser)
    return parser.parse_args()


def add_security_settings(options):
    wishes = {
        "SEC_CLIENT_AUTHENTICATION": options.authentication,
        "SEC_CLIENT_ENCRYPTION": options.encryption,
        "SEC_CLIENT_INTEGRITY": options.encryption,
        "SEC_CLIENT_AUTHENTICATION_METHODS": options.methods,
    }
    options.settings[:0] = [(name, value) for name, value in wishes.items() if value is not None]


def main():
    options = arguments()
    add_security_settings(options)
    htcondor2, _ = condor_client.configure(options)
    kind = getattr(htcondor2.AdType, options.type, None)
    if kind is None:
        condor_client.usage_error(f"unknown type of ad: {options.type}; one of {', '.join(htcondor2.AdType.__members__)}")

    private = set()
    try:
        ads = htcondor2.Collector(options.pool).query(kind, options.constraint, options.projection)
    except Exception as error:  # whatever the library raises is the result
        condor_client.emit("failed", error=type(error).__name__, message=str(error))
        return 1
    for ad in ads:
        private.update(filter(condor_client.is_private, ad.keys()))
        condor_client.emit("ad", ad=json.loads(ad.printJson()))
    condor_client.emit("done", count=len(ads), private=sorted(private))
    return 0


if __name__ == "__main__":
    sys.exit(main())
