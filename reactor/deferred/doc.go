// Package deferred is a result that will be there later, and what is to be done
// with it: twisted/internet/defer.py and twisted/python/failure.py in Go, with
// every result's type checked by the compiler.
//
// A Deferred belongs to one goroutine, as a rule the reactor's, and so do the
// lists, locks, semaphores and queues made of them: nothing here locks. Await
// and InlineCallbacks are the doors for code on goroutines of its own.
//
// Where Twisted leaves None behind, the zero value of the type is left here.
package deferred
