// Package backbone joins the servers of a herd over a bus of messages, such as NATS,
// in place of links between neighbours: so a herd may have very many servers, and
// each of them may hold all clients or only some shards of them.
//
// Member is a server's part in it. It is given what the server takes from clients,
// publishes it by shard, takes what others publish, and mends what the bus has lost:
// a bus promises nothing, so members tell each other every BeatEvery what their
// records sum up to, and compare them where the sums differ, by herd.Comparison. What
// is asked of a client whose shard a server does not hold, its Member asks of one who
// does.
//
// There are two seams. Bus is what carries messages; package natsbone has one on NATS,
// and the simulator one in virtual time. Host is what a Member asks of its server;
// the servers of both designs have one. A Member has no goroutine, clock or socket of
// its own.
package backbone
