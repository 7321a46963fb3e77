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
