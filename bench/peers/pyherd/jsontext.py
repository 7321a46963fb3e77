"""The upstream's JSON, in which nothing may change but white space and a list's end:
270123456789012345678 and "\\u00e9" must leave as they came, so it is never rebuilt."""

import json
import re

# -- upstream --

_BLANKS = re.compile(br'("(?:[^"\\]|\\.)*")|[ \t\r\n]+', re.DOTALL)
_TOKENS = re.compile(br'"(?:[^"\\]|\\.)*"|[\[\]{},:]|[^\[\]{},:"]+', re.DOTALL)


class NotJSON(ValueError):
    pass


def _refuse(constant):
    raise ValueError(constant + " is Python's, and not JSON's")


def one_line(text, limit):
    """The JSON without white space, its "results" cut to limit. NotJSON if it is none."""
    if text.startswith(b"\xef\xbb\xbf"):
        text = text[3:]
    try:
        # Only to know that it is JSON. Bytes that are not UTF-8 may stand in strings.
        json.loads(text.decode("latin-1"), parse_int=str, parse_float=str, parse_constant=_refuse)
    except (ValueError, RuntimeError) as e:  # RuntimeError: nested too deeply
        raise NotJSON(str(e))
    return _cut(_BLANKS.sub(lambda m: m.group(1) or b"", text), limit)


def _cut(text, limit):
    """Cut every list under the key "results" of the outermost object."""
    kept, start = [], 0  # pieces that stay, and where the next one begins
    depth, items, cut_at = 0, None, None  # items: counted while in the list
    key = previous = b""
    for m in _TOKENS.finditer(text):
        token = m.group()
        if items is not None and depth == 2 and token not in b",]":
            items += 1
        if token in (b"{", b"["):
            depth += 1
            if depth == 2 and token == b"[" and key == b'"results"' and text.startswith(b"{"):
                items, cut_at = 0, m.end() if limit == 0 else None
        elif token in (b"}", b"]"):
            if items is not None and depth == 2:
                if cut_at is not None and items > limit:
                    kept.append(text[start:cut_at])
                    start = m.start()
                items = None
            depth -= 1
        elif token == b"," and items is not None and depth == 2 and items == limit and cut_at is None:
            cut_at = m.start()
        elif token == b":" and depth == 1:
            key = previous
        previous = token
    return b"".join(kept) + text[start:]


def error(message):
    """An error in the form of Twitter's search."""
    return json.dumps({"error": message}).encode("ascii")
