"""The herd's settings: as much of the herd's own config file as these servers need."""

import argparse
import gc
import json
import os
import re

# -- settings --

_UNITS = {"ns": 1, "us": 10**3, u"\u00b5s": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9}
_DURATION = re.compile(u"([0-9]+)(?:\\.([0-9]+))?(ns|us|\u00b5s|ms|s|m|h)")


class ConfigError(Exception):
    """Something in the settings that cannot be run, in words for the operator."""


def duration(text):
    """Nanoseconds of a text such as 5s, 200ms or 1h30m."""
    parts = _DURATION.findall(text)
    if not parts or "".join(w + ("." + p if p else "") + u for w, p, u in parts) != text:
        raise ConfigError("%r is no length of time such as 5s, 200ms or 1h30m" % text)
    return sum(int(w) * _UNITS[u] + (int(p) * _UNITS[u] // 10 ** len(p) if p else 0) for w, p, u in parts)


def address(text):
    """(host, port) of host:port, where an IPv6 host stands in brackets."""
    host, _, port = text.rpartition(":")
    if not port.isdigit():
        raise ConfigError("%r is no address such as 127.0.0.1:12000" % text)
    return host.strip("[]"), int(port)


class Server(object):
    def __init__(self, entry):
        self.name = entry["name"].encode("utf-8")
        self.clients = address(entry["clients"])
        self.peers = address(entry["peers"]) if entry.get("peers") else None
        self.talks_to = [n.encode("utf-8") for n in entry.get("talks_to") or []]


class Config(object):
    def __init__(self, path, name):
        try:
            with open(path, "rb") as f:
                values = json.loads(f.read().decode("utf-8"))
        except (IOError, OSError, ValueError) as e:
            raise ConfigError("%s: %s" % (path, e))
        upstream, limits, log = (values.get(k, {}) for k in ("upstream", "limits", "log"))
        if values.get("link_mac"):
            raise ConfigError("link_mac: this server does not speak it")
        if upstream.get("kind", "twitter") != "twitter":
            raise ConfigError("upstream.kind: this server knows twitter alone")
        self.herd = values.get("herd", "herd").encode("utf-8")
        self.future = duration(values.get("future", "5m"))
        self.servers = dict((s.name, s) for s in map(Server, values.get("servers", [])))
        if name.encode("utf-8") not in self.servers:
            raise ConfigError("%s: there is no server %s in it" % (path, name))
        self.server = self.servers[name.encode("utf-8")]
        self.url = upstream.get("url") or "http://127.0.0.1:12300/search.json"
        self.timeout = duration(upstream.get("timeout", "5s")) / 1e9
        self.workers = upstream.get("workers", 32)
        self.log_path = os.path.join(log.get("dir", "logs"), name + ".log")
        self.log_lines = log.get("lines", True)
        self.close_after_reply = limits.get("close_after_reply", False)
        self.output_per_client = limits.get("output_per_client", 1 << 20)
        self.whatsats_per_client = limits.get("waiting_whatsats_per_client", 64)
        self.peer_output = limits.get("peer_output", 1 << 20)
        self.keys = _secret(path, values.get("secret_file") or ".herd-secret")


def _secret(config_path, path):
    path = os.path.join(os.path.dirname(config_path), path)
    try:
        if os.stat(path).st_mode & 0o077:
            raise ConfigError("%s can be read by others: chmod 600" % path)
        with open(path, "rb") as f:
            keys = [line.strip() for line in f if line.strip()]
    except (IOError, OSError) as e:
        raise ConfigError("the herd's secret: %s" % e)
    if not 1 <= len(keys) <= 2 or min(map(len, keys)) < 16:
        raise ConfigError("%s: one or two secrets of 16 bytes or more" % path)
    return keys


def arguments(ways, cyclic=False, more=lambda parser: None):  # -- fence: changed --
    """The settings of the command line's --config and --name, how else it may be, for the experiments, and what more adds."""
    parser = argparse.ArgumentParser(description="one server of a herd")
    parser.add_argument("--config", required=True, help="the herd's config file")
    parser.add_argument("--name", required=True, help="which of its servers this is")
    parser.add_argument("--faults", action="store_true",
                        help="obey FAULT lines, which do what a mistake in this program would do")
    more(parser)  # -- fence --
    parser.add_argument("--asks", choices=sorted(filter(None, ways)),
                        help="answer WHATSATs in another way, for the experiments; in place of the upstream some have 50 ms computed")
    if cyclic:
        parser.add_argument("--cycles", action="store_true", help="have each client's protocol refer to itself, for the experiments")
    parser.add_argument("--no-gc", action="store_true", help="do without the collector of cycles, for the experiments")
    options = parser.parse_args()
    try:
        config = Config(options.config, options.name)
    except ConfigError as e:
        parser.error(str(e))
    config.faults, config.asks, config.cycles = options.faults, options.asks, cyclic and options.cycles
    config.options = options  # -- fence --
    if options.no_gc:
        gc.disable()
    return config
