package load

import "testing"

// pair is a connection that nothing is sent over: its requests are answered at hand.
func pair(ids string) (d *driver, once func()) {
	o := Options{Addresses: []string{"nowhere"}, Connections: 1, IDs: ids}.withDefaults()
	d = &driver{options: &o, dialect: dialects[o.Dialect], clock: newClock(), atlas: theAtlas(), latency: newHistogram(), told: new(told), until: never}
	c := &conn{server: &server{prefix: []byte("AT Test ")}, people: newPopulation(&o, 0)}
	var answer []byte
	return d, func() {
		now := d.clock.now()
		c.ask(d, now, now)
		c.sent = len(c.out)
		q := c.questions[c.head]
		answer = append(append(append(answer[:0], c.server.prefix...), "+0.000000001"...), c.out[q.from+len("IAMAT"):q.to]...)
		d.take(c, answer)
	}
}

// A generator that leaves garbage is stopped by its own collector.
func TestARequestLeavesNoGarbage(t *testing.T) {
	for _, ids := range Populations {
		d, once := pair(ids)
		once() // so that all buffers are there
		if n := testing.AllocsPerRun(2000, once); n > 0 {
			t.Errorf("%s: a request makes %v allocations", ids, n)
		}
		if d.errors != (Errors{}) || d.all < 2000 {
			t.Errorf("%s: %d answers, %+v", ids, d.all, d.errors)
		}
	}
}

// BenchmarkRequest is what a request costs the generator without the system: it is made,
// its answer is checked, and its latency noted. Two readings of the clock are in it, of
// which one is for a whole pipeline else.
func BenchmarkRequest(b *testing.B) {
	for _, ids := range Populations {
		b.Run(ids, func(b *testing.B) {
			_, once := pair(ids)
			for b.Loop() {
				once()
			}
		})
	}
}
