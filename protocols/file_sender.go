package protocols

import (
	"errors"
	"io"

	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
)

// ErrStoppedProducing is a transfer that its consumer ended early.
var ErrStoppedProducing = errors.New("protocols: the consumer asked the file transfer to stop")

// DefaultChunkSize is what a FileSender reads at a time, in bytes, where its
// ChunkSize is not set.
const DefaultChunkSize = 16384

// FileSender sends a file a piece at a time, each when the one before has left:
// twisted/protocols/basic.py:884 FileSender. It is a pull producer. The zero
// value is ready for use, for one transfer after the other.
type FileSender struct {
	// ChunkSize is the most bytes read at a time; not positive means
	// DefaultChunkSize.
	ChunkSize int

	file      io.Reader
	consumer  reactor.Consumer
	transform func([]byte) []byte
	done      *deferred.Deferred[[]byte]
	chunk     []byte
	lastSent  []byte
}

// BeginFileTransfer sends everything that file gives, each piece changed by
// transform if that is not nil: twisted/protocols/basic.py:898. transform may
// change its argument in place and must not keep it. The reads happen on the
// loop, so file should not make it wait; closing it is the caller's.
//
// The Deferred fires with the last byte sent, or none for an empty file, once
// all is handed to the consumer. It fails with file's error, with
// ErrStoppedProducing, or with reactor.ErrProducerRegistered.
func (s *FileSender) BeginFileTransfer(file io.Reader, consumer reactor.Consumer, transform func([]byte) []byte) *deferred.Deferred[[]byte] {
	done := deferred.New[[]byte](nil)
	size := s.ChunkSize
	if size <= 0 {
		size = DefaultChunkSize
	}
	s.file, s.consumer, s.transform, s.done = file, consumer, transform, done
	s.chunk, s.lastSent = make([]byte, size), nil
	// A transport asks for the first piece before it returns.
	if err := consumer.RegisterProducer(s, false); err != nil {
		s.finish(err)
	}
	return done
}

// ResumeProducing sends the next piece, or ends the transfer when there is
// none: twisted/protocols/basic.py:926.
func (s *FileSender) ResumeProducing() {
	if s.done == nil {
		return // ended, and the consumer had not heard
	}
	n, err := io.ReadFull(s.file, s.chunk)
	switch {
	case errors.Is(err, io.EOF):
		s.consumer.UnregisterProducer()
		s.finish(nil)
		return
	case err != nil && !errors.Is(err, io.ErrUnexpectedEOF): // which is a last, short piece
		s.consumer.UnregisterProducer()
		s.finish(err)
		return
	}
	chunk := s.chunk[:n]
	if s.transform != nil {
		chunk = s.transform(chunk)
	}
	s.consumer.Write(chunk)
	if len(chunk) > 0 {
		s.lastSent = append(s.lastSent[:0], chunk[len(chunk)-1])
	}
}

// PauseProducing does nothing: a pull producer sends only what it is asked for.
func (s *FileSender) PauseProducing() {}

// StopProducing fails the Deferred with ErrStoppedProducing.
func (s *FileSender) StopProducing() { s.finish(ErrStoppedProducing) }

// finish lets everything go before anybody hears of it: who does may begin the
// next transfer at once.
func (s *FileSender) finish(err error) {
	done, lastSent := s.done, s.lastSent
	if done == nil {
		return
	}
	s.file, s.consumer, s.transform, s.done, s.chunk, s.lastSent = nil, nil, nil, nil, nil, nil
	if err != nil {
		done.Errback(err)
		return
	}
	done.Callback(lastSent)
}
