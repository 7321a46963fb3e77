// Package journal keeps the newest record of each client on disk, so that a restart
// of the whole herd finds every one again.
//
// A server puts each record that its store has taken; a goroutine of the journal's
// own writes what has gathered in one batch, to a Pebble store in a directory of
// the server's own, and has it synced. So nobody waits for the disk but this
// goroutine, and what waits for it is bounded by the number of clients, however
// many reports they send.
//
// Pebble checks all that it reads, but it was not made to go on when the disk fails:
// it may end the process. So it never gets to see such an error: see gate.
package journal
