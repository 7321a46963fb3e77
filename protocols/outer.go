package protocols

import (
	"fmt"

	"proxyherd/reactor"
)

// outer is what a receiver knows of the value that embeds it. T is the
// interface of the methods that it calls there.
type outer[T reactor.Protocol] struct {
	self T
	// busy says that DataReceived is at work further up the stack: what comes
	// meanwhile queues up behind the rest, so order is kept and depth bounded.
	busy bool
	// paused is pauseable's; here it shares busy's word in every connection.
	paused bool
}

// bind keeps self, or panics with the name of the method that it lacks: the
// earliest moment at which Go can tell.
func (o *outer[T]) bind(self reactor.Protocol, method string) {
	bound, ok := self.(T)
	if !ok {
		panic(fmt.Sprintf("protocols: %T must have the method %s", self, method))
	}
	o.self = bound
}

// pauseable is twisted/protocols/basic.py:488 _PauseableMixin: a receiver as
// the push producer of what it delivers.
type pauseable[T reactor.Protocol] struct{ outer[T] }

// PauseProducing stops delivery after the current piece, and the transport's
// reading. What has been received stays buffered.
func (p *pauseable[T]) PauseProducing() {
	p.paused = true
	p.connection().PauseProducing()
}

// ResumeProducing starts reading again and delivers, before it returns, what
// was buffered. There is nobody to return an error of that delivery to, so it
// aborts the connection here. (Twisted drops a true value and raises an
// exception into whoever resumed.)
func (p *pauseable[T]) ResumeProducing() {
	p.paused = false
	p.connection().ResumeProducing()
	if err := p.self.DataReceived(p.self, nil); err != nil {
		p.connection().AbortConnection()
	}
}

// StopProducing stops delivery for good and has the transport close.
func (p *pauseable[T]) StopProducing() {
	p.paused = true
	p.connection().StopProducing()
}

// connection is the outer value's transport. Every T embeds Protocol, through
// the receiver that embeds this.
func (p *pauseable[T]) connection() reactor.Transport {
	return any(p.self).(connected).transport()
}
