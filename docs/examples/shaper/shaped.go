package main

import (
	"time"

	"proxyherd/factories"
	"proxyherd/reactor"
)

const (
	// pause is how long a full bucket is left alone. Asked more often it would
	// give a few bytes at a time, each with a packet's overhead.
	pause = 100 * time.Millisecond
	// highWater is how many bytes may wait before a push producer is paused: as
	// many as in a transport.
	highWater = 65536
)

// ShapedFactory has each connection of the factory inside write through a
// bucket: twisted/protocols/htb.py:252 ShapedProtocolFactory.
type ShapedFactory struct {
	factories.WrappingFactory
	Filter *Filter
	Clock  reactor.Time
}

// BuildProtocol wraps what the factory inside builds.
func (f *ShapedFactory) BuildProtocol(addr reactor.Address) reactor.Protocol {
	wrapped := f.WrappedFactory.BuildProtocol(addr)
	if wrapped == nil {
		return nil
	}
	return &shaped{
		ProtocolWrapper: factories.ProtocolWrapper{Factory: f, WrappedProtocol: wrapped},
		filter:          f.Filter,
		consumer:        shapedConsumer{clock: f.Clock},
	}
}

// shaped is a connection whose output is slowed down. It passes on everything
// but what concerns writing: twisted/protocols/htb.py:234 ShapedTransport.
type shaped struct {
	factories.ProtocolWrapper
	filter   *Filter
	consumer shapedConsumer
}

// ConnectionMade puts the bucket into the way, before the protocol inside can
// write.
func (s *shaped) ConnectionMade() {
	c := &s.consumer
	c.to, c.bucket = s.Transport, s.filter.BucketFor(s.Transport)
	c.bucket.users++
	if err := c.to.RegisterProducer(c, false); err != nil {
		panic(err) // the connection is new: only a reactor with a fault gets here
	}
}

// ConnectionLost gives the bucket back.
func (s *shaped) ConnectionLost(reason error) {
	s.consumer.stop()
	s.consumer.bucket.users--
	s.ProtocolWrapper.ConnectionLost(reason)
}

// Write keeps data until it fits into the bucket.
func (s *shaped) Write(data []byte) { s.WriteSequence([][]byte{data}) }

// WriteSequence keeps all parts until they fit into the bucket.
func (s *shaped) WriteSequence(data [][]byte) {
	for _, part := range data {
		s.consumer.add(part)
	}
	s.consumer.written()
}

// LoseConnection closes when the bucket has taken everything.
func (s *shaped) LoseConnection() {
	s.ProtocolWrapper.LoseConnection() // waits until the consumer unregisters
	s.consumer.goOn()
}

// RegisterProducer lets a producer fill the bucket.
func (s *shaped) RegisterProducer(producer reactor.Producer, streaming bool) error {
	return s.consumer.register(producer, streaming)
}

// UnregisterProducer lets it go.
func (s *shaped) UnregisterProducer() {
	s.consumer.producer = nil
	s.consumer.goOn()
}

// shapedConsumer holds what waits for tokens: twisted/protocols/htb.py:208
// ShapedConsumer. To the transport it is a pull producer, so that a peer who
// reads slowly slows it down too; to a producer it is what a transport is.
type shapedConsumer struct {
	to     reactor.Transport
	bucket *Bucket
	clock  reactor.Time

	waiting []byte
	asked   bool                // the transport has sent everything and wants more
	retry   reactor.DelayedCall // looks again at a full bucket, nil if none is due
	ended   bool

	producer          reactor.Producer
	streaming, paused bool
}

// ResumeProducing is called by the transport when it has sent everything.
func (c *shapedConsumer) ResumeProducing() {
	c.asked = true
	c.goOn()
}

// StopProducing is called by the transport when the connection is gone.
func (c *shapedConsumer) StopProducing() {
	if c.producer != nil {
		c.producer.StopProducing()
	}
}

// goOn sends what it may, if the transport wants it and no retry is due. What
// there is to send comes from the producer, once nothing waits.
func (c *shapedConsumer) goOn() {
	if !c.asked || c.retry != nil || c.ended {
		return
	}
	if len(c.waiting) == 0 {
		c.asked = false // what the producer writes meanwhile is sent below
		c.pull()
		c.asked = true
	}
	if len(c.waiting) == 0 {
		if c.producer == nil && c.to.Disconnecting() {
			c.stop()
			c.to.UnregisterProducer() // and with that the transport closes
		}
		return
	}
	n := c.bucket.Add(len(c.waiting))
	if n == 0 {
		c.retry = c.clock.CallLater(pause, func() { c.retry = nil; c.goOn() })
		return
	}
	piece := c.waiting[:n]
	c.asked, c.waiting = false, c.waiting[n:]
	c.to.Write(piece)
}

// pull asks the producer for more.
func (c *shapedConsumer) pull() {
	if c.producer != nil && (!c.streaming || c.paused) {
		c.paused = false
		c.producer.ResumeProducing()
	}
}

// add keeps a copy of data, or drops it after the end as a transport does.
func (c *shapedConsumer) add(data []byte) {
	if !c.ended {
		c.waiting = append(c.waiting, data...)
	}
}

// written follows a write.
func (c *shapedConsumer) written() {
	if c.streaming && c.producer != nil && len(c.waiting) > highWater {
		c.paused = true
		c.producer.(reactor.PushProducer).PauseProducing() // register saw that it is one
	}
	c.goOn()
}

func (c *shapedConsumer) register(producer reactor.Producer, streaming bool) error {
	if c.producer != nil {
		return reactor.ErrProducerRegistered
	}
	if c.ended {
		producer.StopProducing()
		return nil
	}
	if streaming {
		_ = producer.(reactor.PushProducer) // panics here, where the mistake is
	}
	c.producer, c.streaming, c.paused = producer, streaming, false
	c.goOn()
	return nil
}

// stop ends all waiting.
func (c *shapedConsumer) stop() {
	c.ended = true
	c.waiting = nil
	if c.retry != nil {
		_ = c.retry.Cancel() // it is due: nothing else takes it away
		c.retry = nil
	}
}
