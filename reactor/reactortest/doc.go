// Package reactortest tests code that runs on a reactor, in memory and in
// virtual time: no socket is opened, and an hour passes in a moment.
//
// From the smallest to the largest:
//
//   - [StringTransport] is a connection that keeps what is written, for the
//     test of one protocol (twisted/test/proto_helpers.py);
//   - [MemoryReactor] notes what it was asked to listen on and to connect to;
//   - [Network] has any number of whole reactors that connect to each other, on
//     links with latency, bandwidth and faults. The same seed gives the same
//     run, event for event;
//   - [TestReactor] is the suite that every reactor passes, in memory or not.
package reactortest
