package protocols_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"proxyherd/protocols"
	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
)

var _ reactor.PushProducer = (*protocols.FileSender)(nil)

// outcome is what a transfer's Deferred fired with.
type outcome struct {
	fired bool
	last  []byte
	err   error
}

func watch(d *deferred.Deferred[[]byte]) *outcome {
	o := &outcome{}
	d.AddBoth(func(last []byte, err error) ([]byte, error) {
		*o = outcome{true, last, err}
		return nil, nil
	})
	return o
}

func TestFileSender(t *testing.T) {
	begin := func(file io.Reader, transform func([]byte) []byte) (*protocols.FileSender, *transport, *outcome) {
		s, consumer := &protocols.FileSender{}, &transport{}
		return s, consumer, watch(s.BeginFileTransfer(file, consumer, transform))
	}
	t.Run("it can be told what any push producer can", func(t *testing.T) {
		s, consumer, _ := begin(strings.NewReader("Test content"), nil)
		push, ok := any(s).(reactor.PushProducer)
		if !ok {
			t.Fatalf("%T is no reactor.PushProducer", s)
		}
		push.PauseProducing() // which means nothing to who writes only when asked
		push.ResumeProducing()
		if consumer.Value() != "Test content" {
			t.Fatalf("wrote %q", consumer.Value())
		}
	})
	t.Run("it registers as a pull producer", func(t *testing.T) { // FS1
		s, consumer, done := begin(strings.NewReader("Test content"), nil)
		if consumer.Producer != reactor.Producer(s) || consumer.Streaming || done.fired {
			t.Fatalf("producer %v, streaming %v, fired %v", consumer.Producer, consumer.Streaming, done.fired)
		}
	})
	t.Run("it ends with the last byte and unregisters", func(t *testing.T) { // FS2
		_, consumer, done := begin(strings.NewReader("Test content"), nil)
		consumer.Producer.ResumeProducing()
		if done.fired {
			t.Fatal("fired before the end of the file was seen")
		}
		consumer.Producer.ResumeProducing()
		if consumer.Producer != nil || consumer.Value() != "Test content" || string(done.last) != "t" || done.err != nil {
			t.Fatalf("producer %v, wrote %q, outcome %q %v", consumer.Producer, consumer.Value(), done.last, done.err)
		}
	})
	t.Run("each piece has at most ChunkSize bytes", func(t *testing.T) { // FS1
		pieces := []string{strings.Repeat("x", 16384), strings.Repeat("x", 16384), "y"}
		// A reader that gives a byte at a time makes the pieces no smaller.
		_, consumer, done := begin(iotest.OneByteReader(strings.NewReader(strings.Join(pieces, ""))), nil)
		for i := range pieces {
			consumer.Producer.ResumeProducing()
			same(t, "writes", consumer.writes, pieces[:i+1]...)
		}
		consumer.Producer.ResumeProducing()
		if !done.fired || string(done.last) != "y" {
			t.Fatalf("outcome %+v", done)
		}
	})
	t.Run("each piece is transformed, the last byte too", func(t *testing.T) { // FS2
		_, consumer, done := begin(strings.NewReader("Test content"), bytes.ToUpper)
		consumer.Producer.ResumeProducing()
		consumer.Producer.ResumeProducing()
		if consumer.Value() != "TEST CONTENT" || string(done.last) != "T" {
			t.Fatalf("wrote %q, last %q", consumer.Value(), done.last)
		}
	})
	t.Run("stopping fails the Deferred", func(t *testing.T) { // FS2
		s, consumer, done := begin(strings.NewReader("Test content"), nil)
		s.PauseProducing() // does nothing
		consumer.Producer.StopProducing()
		if !errors.Is(done.err, protocols.ErrStoppedProducing) {
			t.Fatalf("outcome %+v", done)
		}
		s.ResumeProducing()
		s.StopProducing()
		if consumer.Value() != "" {
			t.Fatalf("wrote %q after the end", consumer.Value())
		}
	})
	t.Run("an empty file has no last byte", func(t *testing.T) { // FS2
		_, consumer, done := begin(strings.NewReader(""), nil)
		consumer.Producer.ResumeProducing()
		if !done.fired || len(done.last) != 0 || done.err != nil || consumer.Producer != nil {
			t.Fatalf("outcome %+v", done)
		}
	})
	t.Run("a file that cannot be read fails the Deferred", func(t *testing.T) {
		_, consumer, done := begin(iotest.ErrReader(errStop), nil)
		consumer.Producer.ResumeProducing()
		if !errors.Is(done.err, errStop) || consumer.Producer != nil {
			t.Fatalf("outcome %+v, producer %v", done, consumer.Producer)
		}
	})
	t.Run("a consumer with another producer refuses", func(t *testing.T) {
		s := &protocols.FileSender{ChunkSize: 1}
		consumer := &transport{}
		first := watch(s.BeginFileTransfer(strings.NewReader("ab"), consumer, nil))
		second := watch(new(protocols.FileSender).BeginFileTransfer(strings.NewReader("cd"), consumer, nil))
		if !errors.Is(second.err, reactor.ErrProducerRegistered) || first.fired {
			t.Fatalf("outcomes %+v, %+v", first, second)
		}
	})
	t.Run("on a transport that asks at once it sends at once", func(t *testing.T) { // PC1
		s, consumer := &protocols.FileSender{}, &asking{}
		watch(s.BeginFileTransfer(strings.NewReader("ab"), consumer, nil))
		if consumer.Value() != "ab" {
			t.Fatalf("wrote %q", consumer.Value())
		}
	})
}
