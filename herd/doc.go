// Package herd is what the servers of a herd agree on: the client's commands,
// the records they make, which record is newest, who is a neighbour, and what
// each server answers and floods.
//
// It does nothing by itself: it opens no socket or file, starts no goroutine,
// takes no lock, logs nothing and never asks for the time. Bytes and times come
// in as arguments, and bytes come out; whoever calls it does the rest. That is
// why one implementation serves every host of a node, and why a whole herd can
// be simulated in virtual time.
//
// Start with Node: Receive takes a client's line, ReceivePeer a neighbour's.
package herd
