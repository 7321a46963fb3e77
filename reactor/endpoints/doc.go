// Package endpoints says where to listen or to connect to as a value, made in
// one place and used in another: twisted/internet/endpoints.py.
//
// A [StreamServerEndpoint] listens with a factory, a [StreamClientEndpoint]
// connects one; both give a Deferred, so that a connection has one result and
// no hooks. [ServerFromString] and [ClientFromString] make them of a line of
// text, such as a setting:
//
//	tcp:8080                        tcp:host=example.org:port=80
//	tcp:8080:interface=127.0.0.1    tcp:example.org:80:timeout=15
//	tcp6:8080:interface=\:\:1       tcp:127.0.0.1:80:bindAddress=127.0.0.2
//
// Endpoints for UNIX sockets, TLS, processes and standard input are Twisted's
// only. Values of this package belong to the loop.
package endpoints
