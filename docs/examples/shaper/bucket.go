package main

import (
	"time"

	"proxyherd/reactor"
)

// Bucket is a token bucket: what is added to it drains at a rate, and what does
// not fit is not taken. twisted/protocols/htb.py:28 Bucket.
type Bucket struct {
	// MaxBurst is how many bytes fit into it; 0 is any number.
	MaxBurst int
	// Rate is how many bytes a second drain; 0 means all of them, at once.
	Rate int
	// Parent, if set, must take whatever this one takes.
	Parent *Bucket
	// Clock tells the time. It is required.
	Clock reactor.Time

	content  float64 // bytes; parts of one drain too
	lastDrip time.Time
	users    int // connections
}

// Add takes as much of amount as fits here and into the parents, and returns
// how much that is: twisted/protocols/htb.py:63.
func (b *Bucket) Add(amount int) int {
	b.Drip()
	if b.MaxBurst > 0 {
		// Whole bytes only: what is left of one is there the next time.
		amount = min(amount, int(float64(b.MaxBurst)-b.content))
	}
	if b.Parent != nil {
		amount = b.Parent.Add(amount)
	}
	b.content += float64(amount)
	return amount
}

// Drip lets drain what has drained by now, and reports whether the bucket is
// empty: twisted/protocols/htb.py:88.
func (b *Bucket) Drip() bool {
	now := b.Clock.Seconds()
	if b.Rate > 0 {
		b.content = max(0, b.content-now.Sub(b.lastDrip).Seconds()*float64(b.Rate))
	} else {
		b.content = 0
	}
	b.lastDrip = now
	return b.content == 0
}

// Filter finds the bucket of a connection: twisted/protocols/htb.py:120
// HierarchicalBucketFilter.
type Filter struct {
	// Parent, if set, finds the parent of each bucket made here.
	Parent *Filter
	// Key tells connections apart that have buckets of their own; nil gives one
	// bucket to all.
	Key func(reactor.Transport) string
	// MaxBurst and Rate are those of every bucket.
	MaxBurst, Rate int
	// SweepInterval is how often empty buckets that no connection uses are
	// forgotten; 0 is never.
	SweepInterval time.Duration
	// Clock tells the time. It is required.
	Clock reactor.Time

	buckets   map[string]*Bucket
	lastSweep time.Time
}

// ByHost is the key of a Filter with a bucket for each host:
// twisted/protocols/htb.py:188 FilterByHost.
func ByHost(transport reactor.Transport) string {
	host, _ := reactor.SplitAddress(transport.GetPeer())
	return host
}

// BucketFor finds or makes the bucket of a connection:
// twisted/protocols/htb.py:140.
func (f *Filter) BucketFor(transport reactor.Transport) *Bucket {
	f.sweep()
	key := ""
	if f.Key != nil {
		key = f.Key(transport)
	}
	bucket, ok := f.buckets[key]
	if !ok {
		bucket = &Bucket{MaxBurst: f.MaxBurst, Rate: f.Rate, Clock: f.Clock}
		if f.Parent != nil {
			bucket.Parent = f.Parent.BucketFor(transport)
		}
		if f.buckets == nil {
			f.buckets = make(map[string]*Bucket)
		}
		f.buckets[key] = bucket
	}
	return bucket
}

// sweep forgets who has been away long enough. A bucket that has not drained
// stays: a host that hangs up and comes back at once gets no new burst.
func (f *Filter) sweep() {
	now := f.Clock.Seconds()
	if f.SweepInterval <= 0 || now.Sub(f.lastSweep) <= f.SweepInterval {
		return
	}
	f.lastSweep = now
	for key, bucket := range f.buckets {
		if bucket.Drip() && bucket.users == 0 {
			delete(f.buckets, key)
		}
	}
}
