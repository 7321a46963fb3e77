"""Plays scenarios on Twisted.

Each line of standard input is {"family": "...", "script": [...]}; the module of
the family's name, beside this file, has play(script), and each line of standard
output is {"transcript": [...]}, or {"error": "..."} where playing itself failed.
The first line of output is {"twisted": "...", "python": "..."}.
"""
import importlib
import json
import sys
import traceback

import twisted
from twisted.python import log


def answer(request):
    module = importlib.import_module(str(request["family"]))
    # Python 2's json gives unicode; what Twisted takes as a name is native.
    return {"transcript": module.play([str(line) for line in request["script"] or ()])}


def main():
    answers = sys.stdout
    sys.stdout = sys.stderr  # whoever prints must not spoil the answers
    # An error that nobody took is no event, and is not to be printed either.
    log.startLoggingWithObserver(lambda event: None, setStdout=False)

    def send(value):
        answers.write(json.dumps(value) + "\n")
        answers.flush()

    send({"twisted": twisted.__version__, "python": sys.version.split()[0]})
    for line in iter(sys.stdin.readline, ""):
        try:
            send(answer(json.loads(line)))
        except Exception:
            send({"error": traceback.format_exc()})


if __name__ == "__main__":
    main()
