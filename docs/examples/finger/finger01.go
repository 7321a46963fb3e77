package main

import "proxyherd/reactor"

// finger01 refuses connections: only the reactor runs.
func finger01(reactor.Reactor, settings) error { return nil }
