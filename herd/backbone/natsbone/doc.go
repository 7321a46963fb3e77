// Package natsbone is a backbone.Bus on NATS, the only importer of its client.
//
// NATS core carries a message at most once, and that is all that a Bus promises. The
// client may wait for the network while it publishes, so a goroutine of the bus's own
// does that, from a queue that is bounded; another takes what comes and hands it on in
// batches, and waits for each. What is too much is dropped, by us or by NATS, and told.
package natsbone
