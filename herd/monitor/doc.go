// Package monitor is a server's HTTP port, for those who watch over it: whether it
// is alive, whether it is worth asking, what it counts, and who is connected.
//
//	/healthz           200 while the server's loop answers within a second
//	/readyz            200 while it serves clients, and has compared its records
//	/metrics           what it counts, for Prometheus
//	/status.json       herd.Status as one JSON object
//	/connections.json  the connections of clients
//	/live              status and a sample of what is passed on, as events
//	/records           all records, a piece at a time
//	/debug/pprof/      profiles, where they are asked for
//
// It runs beside the loop and never on it: each request asks the loop for a copy,
// once (or, of connections and records, once for each piece), so a page that nobody
// reads costs nothing, and a loop that hangs is seen from outside. Those who look on
// are shown a fixed number of the records that are passed on, however busy the server
// is. Other machines get nothing without a token.
package monitor
