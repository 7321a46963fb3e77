// Package reactor says what a reactor is: the interfaces, addresses and errors
// of Twisted 13.2.0's core (twisted.internet.interfaces, .error, .address),
// in Go.
//
// A reactor runs one loop on one goroutine. It tells protocols what happened
// on their connections, runs timers, and takes calls from other goroutines.
// Everything reached through these interfaces belongs to the loop: use it in a
// callback of the reactor, or hand the work over with [Threads.CallFromThread],
// which is the only method safe from any goroutine.
//
// Package gnetreactor is the reactor on gnet's poller; package reactortest has
// one that lives in memory and in virtual time. Code that takes these
// interfaces runs on both unchanged.
//
// # Twisted's names
//
// Every name is Twisted's with its first letter raised; an interface loses its
// "I", and IReactorTime its "Reactor" too: the package name carries both.
// Differences are listed in docs/twisted.md.
//
// # Methods that Go does not dispatch
//
// An embedded method cannot call what the outer type overrides. So a base
// method that must do that takes the outer value as its first parameter, named
// self, and the reactor passes the protocol or factory twice:
// p.MakeConnection(p, transport). Code that embeds a base never wires this up.
package reactor
