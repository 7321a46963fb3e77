// Package threads moves work between the loop and other goroutines, with
// results that are typed: twisted/internet/threads.py and
// twisted/python/threadpool.py.
//
// From the loop, [DeferToThread] runs what blocks on a worker and brings its
// result back. From a worker, [BlockingCallFromThread] has the loop do
// something and waits for it. A [ThreadPool] of its own keeps one kind of work
// from waiting behind another.
//
// What Twisted calls a thread is a goroutine here; the names are kept.
package threads
