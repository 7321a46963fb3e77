// Package sink writes the newest record of each client to a database outside of the
// herd, behind its servers: nobody waits for it.
//
// A server puts each record that its store has taken. Of each client the newest one
// waits, once, and a goroutine of the sink's own writes what has gathered in batches;
// it tries again while the database fails. What may wait is bounded. Beyond that
// everything that waits is forgotten, and the whole store is written once the database
// takes something again: so an outage of any length costs no record that is newest. A
// server that starts does the same, as nobody knows what the last one had written; and so
// it is when the database has started anew, which may have lost what it had.
//
// Several servers may write the same clients in any order, and a batch that everybody
// took for lost may arrive late. So a database takes a record only if it is newer than
// the one that it has, by herd.Record.AppendOrder.
package sink
