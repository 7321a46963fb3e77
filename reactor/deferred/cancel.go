package deferred

// A source is what a result comes from, as far as cancelling goes.
type source interface {
	// stop cancels, or returns the source that is to be cancelled instead.
	stop() source
}

// Cancel asks for the work to stop: twisted/internet/defer.py:444 cancel.
//
// Without a result yet, the canceller is called, once however often Cancel is;
// if it gives no result, the result is ErrCancelled. The canceller's panic
// comes out of Cancel and leaves the Deferred as it was.
// Without a canceller the result is ErrCancelled too, and one late Callback or
// Errback is swallowed, since nobody could stop it.
// A Deferred that waits for another one cancels that.
// With a result it does nothing.
func (d *Deferred[T]) Cancel() {
	for s := d.stop(); s != nil; {
		s = s.stop()
	}
}

func (d *Deferred[T]) stop() source {
	switch {
	case d.source != nil:
		return d.source
	case d.called || d.cancelling:
		return nil
	case d.cancel == nil:
		d.swallow = true
	default:
		d.askToStop()
	}
	if !d.called {
		d.Errback(ErrCancelled)
	}
	return nil
}

func (d *Deferred[T]) askToStop() {
	d.cancelling = true // a canceller may well call Cancel
	defer func() { d.cancelling = false }()
	d.cancel(d)
}
