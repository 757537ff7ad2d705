"""Answers cases with HTCondor's own ClassAd library: one JSON object per line in, one out.

Every case is one operation on texts; every answer is an object of texts, which the test compares with its own. The
answer `{"skip": reason}` says that the binding cannot tell. A case that takes too long ends the process, as a crash of
the library does; the test goes on behind it.
"""

import json
import re
import os
import signal
import struct
import sys
import time

import htcondor2  # noqa: F401  before classad2: it registers the daemons' functions and selects old semantics
import classad2

LONGEST_CASE_IN_SECONDS = 5


class Refused(Exception):
    """The text under test is no expression or no ad; the argument says which."""


def accepts(text):
    """Whether the whole text is an expression in new syntax."""
    try:
        classad2.unquote(text)
    except UnicodeDecodeError:
        return True
    except ValueError as error:
        return "Invalid string" not in str(error)
    return True


def expression(text):
    """The tree of a text; None if only the parser for whole texts takes it (a ternary with something behind it)."""
    if not accepts(text):
        raise Refused("parse")
    try:
        return classad2.ClassAd("[expression = " + text + "\n]").lookup("expression")
    except classad2.ClassAdException:
        return None


def ad(text):
    if not accepts(text):
        raise Refused("ad")
    try:
        return classad2.ClassAd(text)
    except classad2.ClassAdException:
        raise Refused("ad") from None


def read(text, kind):
    """The ad in a text of one of the parser's kinds, and whether it was the whole text."""
    try:
        parsed, end = classad2._class_ad._classad_parse_next(text, kind, 0)
    except UnicodeDecodeError:
        raise
    except ValueError:
        raise Refused("ad") from None
    if parsed is None:
        raise Refused("ad")
    return parsed, end >= len(text.rstrip().encode())


def bits(number):
    if number != number:
        return "7ff8000000000000"
    return struct.pack(">d", number).hex()


def typed(tree, scope, target):
    """The value of a tree: its type, its text and, for what texts round off, its bits."""
    try:
        text = repr(tree.simplify(scope, target))
    except classad2.ClassAdException:
        return {"type": "error"}
    first = text[:1]
    if text == "undefined" or text == "error":
        return {"type": text}
    if first == '"':
        return {"type": "string", "text": text}
    if first == "{":
        return {"type": "list", "text": text}
    if first == "[":
        return {"type": "classad", "text": text}
    if text == "true" or text == "false":
        return {"type": "boolean", "text": text}
    if text.startswith("absTime("):
        return {"type": "abstime", "text": text}
    if text.startswith("relTime("):
        return {"type": "reltime", "bits": bits(tree.eval(scope, target))}
    value = tree.eval(scope, target)
    if isinstance(value, int):
        return {"type": "integer", "text": text}
    return {"type": "real", "bits": bits(value)}


def flattened(value):
    """What flattening yields; the binding does not tell relative times from reals."""
    if isinstance(value, classad2.ExprTree):
        return {"tree": repr(value)}
    if isinstance(value, classad2.Value):
        return {"type": "error" if value == classad2.Value.Error else "undefined"}
    if isinstance(value, bool):
        return {"type": "boolean", "text": "true" if value else "false"}
    if isinstance(value, int):
        return {"type": "integer", "text": str(value)}
    if isinstance(value, float):
        return {"type": "real", "bits": bits(value)}
    if isinstance(value, str):
        return {"type": "string", "text": classad2.quote(value)}
    return {"skip": "a value of a type that the binding converts"}


def forms(holder):
    """The printed forms of what an ad holds as its only attribute."""
    return {"new": repr(holder), "old": holder.printOld(), "json": holder.printJson()}


def names(collect, tree):
    try:
        return ",".join(collect(tree))
    except ValueError:
        return "failure"


def answer(operation, case):
    if operation == "quote":
        return {"text": classad2.quote(case["text"])}
    if operation == "ad":
        ad(case["text"])
        return forms(ad("[a = " + case["text"] + "\n]"))
    if operation == "old":
        whole = classad2.ClassAd()
        # One by one: of several lines the parser gives those before the first bad one.
        for line in case["text"].split("\n"):
            if line.strip() and not line.lstrip().startswith("#"):
                found, _ = read(line + "\n", 0)
                if re.search(r' = (abs|rel)Time\("[^"]*"\) \]$', repr(found)):
                    return {"skip": "the binding copies a literal time as another value"}
                for name in found:
                    whole[name] = found.lookup(name)
        return {"new": repr(whole)}
    if operation in ("json", "xml"):
        if "".join(case["text"].split()) == "{}":
            return {"skip": "an empty ad looks like the end of the text"}
        parsed, is_whole = read(case["text"], {"json": 2, "xml": 1}[operation])
        return {"new": repr(parsed)} if is_whole or operation == "xml" else {"skip": "something follows"}
    if operation == "match":
        left, right = ad(case["left"]), ad(case["right"])
        for own, other in ((left, right), (right, left)):
            tree = own.get("Requirements")
            if isinstance(tree, classad2.ExprTree) and typed(tree, own, other)["type"] == "reltime":
                return {"skip": "the binding takes a relative time for a number"}
        return {
            "left": str(right.matches(left)).lower(),
            "right": str(left.matches(right)).lower(),
            "both": str(left.symmetricMatch(right)).lower(),
        }
    if operation == "same":
        first, second = expression(case["first"]), expression(case["second"])
        if first is None or second is None:
            return {"skip": "a ternary with something behind it"}
        return {"same": str(first == second).lower()}
    scope = ad(case.get("my", "[]"))
    target = ad(case["target"]) if "target" in case else None
    tree = expression(case["text"])
    if tree is None:
        return {"skip": "a ternary with something behind it"}
    if operation == "parse":
        return forms(ad("[a = " + case["text"] + "\n]"))
    if operation == "eval":
        return typed(tree, scope, target)
    if operation == "refs":
        return {"external": names(scope.externalRefs, tree), "internal": names(scope.internalRefs, tree)}
    if operation == "flatten":
        try:
            return flattened(scope.flatten(tree))
        except ValueError as error:
            if isinstance(error, UnicodeDecodeError):
                raise
            return {"fail": "flatten"}
    raise SystemExit("unknown operation " + operation)


def main():
    zone = None
    for line in sys.stdin:
        case = json.loads(line)
        wanted = case["in"].get("tz", "UTC")
        if wanted != zone:
            zone = os.environ["TZ"] = wanted
            time.tzset()
        signal.alarm(LONGEST_CASE_IN_SECONDS)
        try:
            result = answer(case["op"], case["in"])
        except Refused as refused:
            result = {"fail": str(refused)}
        except UnicodeDecodeError:
            result = {"skip": "not UTF-8"}
        signal.alarm(0)
        sys.stdout.write(json.dumps(result) + "\n")
        sys.stdout.flush()


main()
