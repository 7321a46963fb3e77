package goroutineherd

import (
	"net"
	"sync"
	"syscall"
)

// Twin: reactorherd has no such file: there a loop has one buffer for all input, and
// its transports keep their output. Here a buffer is borrowed, and must be given back
// on every way out, once.

// readSize is how much is read at once.
const readSize = 64 << 10

// keptSize is how large a buffer for output may have become and still be used
// again.
const keptSize = 256 << 10

var readBuffers = sync.Pool{New: func() any { return new([readSize]byte) }}

var writeBuffers = sync.Pool{New: func() any { return new([]byte) }}

// takeBuffer returns an empty buffer for output.
func takeBuffer() *[]byte {
	b := writeBuffers.Get().(*[]byte)
	*b = (*b)[:0]
	return b
}

func giveBuffer(b *[]byte) {
	if cap(*b) <= keptSize {
		writeBuffers.Put(b)
	}
}

// input reads a connection, and has a buffer only while there is something in it:
// a connection that waits costs its goroutine and next to nothing else.
type input struct {
	conn net.Conn
	raw  syscall.RawConn               // nil where conn is no socket
	try  func(descriptor uintptr) bool // readNow, bound once
	data *[readSize]byte
	n    int
	err  error
}

func (in *input) open(conn net.Conn) {
	in.conn = conn
	if socket, ok := conn.(syscall.Conn); ok {
		if raw, err := socket.SyscallConn(); err == nil {
			in.raw, in.try = raw, in.readNow
		}
	}
}

// read waits for bytes, and returns them; done gives them back. At the end of the
// input there are none, and no error.
func (in *input) read() ([]byte, error) {
	if in.raw == nil {
		return in.readBuffered()
	}
	if err := in.raw.Read(in.try); err != nil {
		return nil, err // closed, or past its deadline
	}
	if in.data == nil {
		return nil, in.err
	}
	return in.data[:in.n], in.err
}

// readNow reads what is there. It reports false if that is nothing: it is called
// again when there is something.
func (in *input) readNow(descriptor uintptr) bool {
	in.data = readBuffers.Get().(*[readSize]byte)
	for {
		in.n, in.err = syscall.Read(int(descriptor), in.data[:])
		if in.err != syscall.EINTR {
			break
		}
	}
	if in.n > 0 {
		return true
	}
	in.n = 0
	in.done()
	return in.err != syscall.EAGAIN
}

// readBuffered is read for what is no socket.
func (in *input) readBuffered() ([]byte, error) {
	in.data = readBuffers.Get().(*[readSize]byte)
	var err error
	if in.n, err = in.conn.Read(in.data[:]); in.n > 0 {
		return in.data[:in.n], nil
	}
	in.done()
	return nil, endIsNoError(err)
}

// done takes back what read has returned.
func (in *input) done() {
	if in.data != nil {
		readBuffers.Put(in.data)
		in.data = nil
	}
}

// attempt is a write of what the system takes at once. It is used again, with its
// method bound once, as a closure for each write would be garbage.
type attempt struct {
	batch []byte
	n     int
	err   error
	try   func(descriptor uintptr) bool
}

var attempts = sync.Pool{New: func() any {
	a := &attempt{}
	a.try = a.now
	return a
}}

// writeNow writes as much of a batch as the system takes at once, and returns how much
// that is. That it takes no more for now is no error.
func writeNow(raw syscall.RawConn, batch []byte) (n int, err error) {
	a := attempts.Get().(*attempt)
	a.batch, a.n, a.err = batch, 0, nil
	if err = raw.Write(a.try); err == nil {
		err = a.err
	}
	n = a.n
	a.batch = nil
	attempts.Put(a)
	return n, err
}

func (a *attempt) now(descriptor uintptr) bool {
	for a.n < len(a.batch) {
		n, err := syscall.Write(int(descriptor), a.batch[a.n:])
		switch err {
		case nil:
			a.n += n
		case syscall.EINTR:
		case syscall.EAGAIN:
			return true
		default:
			a.err = err
			return true
		}
	}
	return true
}
