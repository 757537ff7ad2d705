"""What the programs beside this one share: the real HTCondor client library, cut off from the machine's own
configuration, and JSON lines on standard output.

The library reads its configuration when it is first imported, so `htcondor2` and `classad2`, or `htcondor` and `classad`
of older versions, are imported by `configure` and not at the top of a file.
"""

import atexit
import json
import os
import pathlib
import sys
import tempfile

# Attributes that a server must keep to itself; so must it every name that begins with PRIVATE_PREFIX.
PRIVATE_ATTRIBUTES = {"capability", "childclaimids", "claimid", "claimidlist", "claimids", "transferkey"}
PRIVATE_PREFIX = "_condor_priv"

# Where the library would look for credentials or configuration that no argument named.
FOREIGN_VARIABLES = ("CONDOR_CONFIG", "BEARER_TOKEN", "BEARER_TOKEN_FILE", "X509_USER_PROXY", "XDG_RUNTIME_DIR")


def emit(event, **fields):
    """Prints one JSON object on a line of its own."""
    print(json.dumps({"event": event, **fields}), flush=True)


def is_private(name):
    """Whether no answer to a query may hold an attribute of this name."""
    return name.lower() in PRIVATE_ATTRIBUTES or name.lower().startswith(PRIVATE_PREFIX)


def add_configuration_arguments(parser):
    """Adds the arguments that `configure` reads."""
    parser.add_argument("--configuration", type=pathlib.Path, metavar="FILE", help="configuration file to use")
    parser.add_argument(
        "--set", dest="settings", action="append", default=[], type=_assignment, metavar="NAME=VALUE",
        help="a setting that wins over the file; may be repeated")
    parser.add_argument("--debug", action="store_true", help="write the library's own log to standard error")


def configuration_in(directory):
    """The one configuration file of a pilot's directory: `condor_config`, or else the only `*.conf`."""
    if (directory / "condor_config").exists():
        return directory / "condor_config"
    found = sorted(directory.glob("*.conf"))
    if len(found) != 1:
        usage_error(f"{directory}: expected condor_config or one *.conf, found {[path.name for path in found]}")
    return found[0]


def usage_error(message):
    """Ends the program as argparse does on wrong usage."""
    print(message, file=sys.stderr)
    sys.exit(2)


def configure(arguments, directory=None):
    """Imports and returns the two modules of the library, which see the named file and settings and nothing else.

    `directory` is a pilot's: its configuration file is used unless another is named, and `$(LOCAL_DIR)` is the
    directory unless the file says otherwise.
    """
    for name in list(os.environ):
        if name.upper().startswith("_CONDOR_") or name in FOREIGN_VARIABLES:
            del os.environ[name]
    # No ~/.condor of the person who runs the tests.
    home = tempfile.TemporaryDirectory(prefix="condor-client-")
    atexit.register(home.cleanup)
    os.environ["HOME"] = home.name

    file = arguments.configuration
    if directory is not None:
        file = file or configuration_in(directory)
        if not _defines(file, "LOCAL_DIR"):
            os.environ["_CONDOR_LOCAL_DIR"] = str(directory.resolve())
    os.environ["CONDOR_CONFIG"] = str(file.resolve()) if file else "ONLY_ENV"
    for name, value in arguments.settings:
        os.environ["_CONDOR_" + name] = value

    try:
        import classad2 as classad
        import htcondor2 as htcondor
    except ImportError:  # 23.0 has the first generation only
        import classad
        import htcondor

    if arguments.debug:
        htcondor.param["TOOL_DEBUG"] = "D_ALWAYS D_SECURITY:2 D_NETWORK"
        htcondor.enable_debug()
    return htcondor, classad


def ad_type(htcondor, name):
    """The constant for a type of ads, which has another place in each generation of the library; None if unknown."""
    return getattr(getattr(htcondor, "AdType", None) or htcondor.AdTypes, name, None)


def _assignment(text):
    name, separator, value = text.partition("=")
    if not separator or not name.strip():
        raise ValueError(text)
    return name.strip(), value.strip()


def _defines(file, name):
    lines = file.read_text().splitlines()
    return any(line.partition("=")[0].strip().upper() == name for line in lines if "=" in line)
