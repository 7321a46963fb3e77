// Package load puts a load of clients on servers of the herd's protocol and measures how
// they bear it.
//
// [Run] is a closed loop, in which each connection sends its next requests once the last
// are answered, or an open loop, in which requests are due at a fixed rate whether the
// server keeps up or not, and latency counts from when a request was due: a server that
// stops for a second is charged with the second for every request of it. [Ramp] raises
// the rate to where the server no longer follows. [Idle] opens connections that say
// nothing, [Churn] opens and closes them, and [Propagate] follows updates to the servers
// that are farthest away.
//
// Every reply is checked: an AT line must be that of the request, byte for byte, but for
// its difference, and the difference must be the time between the client's and some
// moment at which the request was under way. A WHATSAT's AT line must be exactly that of
// the last report, and be followed by one line of JSON.
//
// The load comes from few threads, each with an epoll of its own and nothing shared; a
// thread makes and checks some millions of requests a second, more than a server on one
// core answers. Where it is the limit nevertheless, the result says so. It runs on Linux.
package load
