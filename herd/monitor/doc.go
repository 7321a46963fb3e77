// Package monitor is a server's page for those who watch over it: whether it is
// alive, whether it takes clients, and what it counts.
//
//	/healthz      200 while the server's loop answers within a second
//	/readyz       200 while it takes clients; 503 with the reason before and after
//	/status.json  herd.Status as one JSON object
//
// It runs beside the loop and never on it: each request asks the loop for a copy
// of the status, so a page that nobody reads costs nothing, and a loop that hangs
// is seen from outside. It has no password, so it is served on loopback only.
package monitor
