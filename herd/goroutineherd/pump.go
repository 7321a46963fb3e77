package goroutineherd

// Twin: in reactorherd this is part of outbox.go, and takes nobody's lock. Here what a
// dump or a change has come to is looked at again after each.

// dumpStep is how many records are looked at before asking whether enough waits.
const dumpStep = 64

// pump puts in the next batch what waits, changed clients first, until that is
// enough. Called by the outbox's goroutine, without a lock.
func (o *outbox) pump() {
	for o.pumpChanged() || o.pumpAll() {
	}
	l := o.link
	l.mu.Lock()
	defer l.mu.Unlock()
	o.mu.Lock()
	if o.full || o.ending || o.lags() {
		o.mu.Unlock()
		return
	}
	done, last := o.dumped, o.last
	o.dumped = nil
	o.mu.Unlock()
	if done != nil {
		done()
	}
	l.comparing.resume()
	if last {
		l.lose(errStopping)
	}
}

// pumpChanged sends one changed client's record, and reports whether there was one.
func (o *outbox) pumpChanged() bool {
	o.mu.Lock()
	if o.full || o.ending || o.changed.Len() == 0 {
		o.mu.Unlock()
		return false
	}
	id := o.changed.Take()
	o.pumping = true
	o.mu.Unlock()
	// While the record cannot change, so that no older one follows a newer.
	o.link.server.store.visit(id, o.write)
	o.mu.Lock()
	o.pumping = false
	o.mu.Unlock()
	return true
}

// pumpAll sends the next records of the whole store, and reports whether there were
// any.
func (o *outbox) pumpAll() bool {
	o.mu.Lock()
	if o.full || o.ending || !o.dumping {
		o.mu.Unlock()
		return false
	}
	from, dump := o.cursor, o.dumps
	o.mu.Unlock()
	next, more := o.link.server.store.Walk(from, dumpStep, o.write)
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.dumps == dump { // else it has begun anew meanwhile
		o.cursor, o.dumping = next, more
	}
	return true
}
