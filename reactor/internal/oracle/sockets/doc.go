//go:build linux

// Package sockets is the oracle's scenarios of real TCP: both ends of up to
// four connections on one reactor, over loopback, ours on gnetreactor and
// Twisted's on its epoll reactor.
//
// # Scripts
//
// A line is a step: one or more statements, "; " between them, carried out in
// one callback of the loop. The next step begins when this one has had all its
// consequences (see quiet). A line that begins "in EVENT NAME N: " is no step:
// its statements are carried out inside the N-th such event.
//
// Statements name the connections' ends, c1 to c4 and s1 to s4, where sN is the
// server's end of cN's connection; the clients' factories with their connectors,
// f1 to f4; the ports p1 and p2; system event triggers; and the reactor.
//
//	connect C P [chalf] [shalf] [refuse] [retry N]
//	        the client's or the server's protocol is half-closeable; the server's
//	        factory refuses; the client's is a ReconnectingClientFactory
//	reconnect F, stopconnecting F, disconnect F, stoptrying F, resetdelay F
//	listen P, unlisten P, relisten P, clash P (listen there again)
//	write E SIZE, writeseq E SIZE..., lose E, losewrite E, abort E
//	pause E, resume E, stopproducing E
//	push E [SIZE N], pull E SIZE N, unregister E
//	        a producer that writes SIZE bytes, N times, each time it is resumed
//	raise E, give E REASON
//	        inside a callback of E: it raises; its dataReceived returns REASON
//	trigger NAME PHASE EVENT [wait], remove NAME, fire NAME, event EVENT
//	        with wait the trigger returns a Deferred, and fire fires it
//	stop reactor
//
// # Transcripts
//
// Each step is followed by its events: those of one end together, in order; a
// client's factory with its client. How the ends' events interleave is a matter
// of which descriptor a poller names first, and is not compared. Bytes received
// one after the other are one event, with their number and CRC-32. A reason is
// the name of Twisted's class.
package sockets
