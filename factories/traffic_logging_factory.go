package factories

import (
	"fmt"
	"io"
	"os"
	"strings"

	"proxyherd/reactor"
)

// TrafficLoggingFactory writes what each connection sends and receives to a
// file of its own: twisted/protocols/policies.py:628 TrafficLoggingFactory. The
// file is written on the loop, a line at a time: this is for debugging.
//
//   - the connection was made
//     C 1: "..."        received (from the client, on connection 1)
//     S 1: "..."        written
//     SV 1: ["..." ...] written with WriteSequence
//     S 1: *            LoseConnection was called
//     C 1: reason       the connection was lost
type TrafficLoggingFactory struct {
	WrappingFactory
	// Prefix begins the files' names, "<prefix>-<n>", n from 1.
	Prefix string
	// LengthLimit is the most bytes logged of one piece, a mark that tells so
	// included; 0 means no limit.
	LengthLimit int
	// Open makes a file; nil means one in the file system, readable by its
	// owner only.
	Open func(name string) (io.WriteCloser, error)

	counter int
}

// BuildProtocol wraps what the factory inside builds. A connection whose file
// cannot be opened is refused, and Log told why.
func (f *TrafficLoggingFactory) BuildProtocol(addr reactor.Address) reactor.Protocol {
	wrapped := f.WrappedFactory.BuildProtocol(addr)
	if wrapped == nil {
		return nil
	}
	f.counter++
	open := f.Open
	if open == nil {
		open = createFile
	}
	file, err := open(fmt.Sprintf("%s-%d", f.Prefix, f.counter))
	if err != nil {
		if f.Log != nil {
			f.Log.Err(f.LogPrefix(), err, "opening a traffic log: the connection is refused")
		}
		return nil
	}
	return &trafficLoggingProtocol{
		ProtocolWrapper: ProtocolWrapper{Factory: f, WrappedProtocol: wrapped},
		file:            file, number: f.counter, limit: f.LengthLimit,
	}
}

// ResetCounter begins with file 1 again: twisted/protocols/policies.py:650.
func (f *TrafficLoggingFactory) ResetCounter() { f.counter = 0 }

func createFile(name string) (io.WriteCloser, error) {
	return os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
}

// trafficLoggingProtocol is twisted/protocols/policies.py:562
// TrafficLoggingProtocol. Its file is closed with the connection; a failure to
// write is the log's own loss, and not the connection's.
type trafficLoggingProtocol struct {
	ProtocolWrapper
	file   io.WriteCloser
	number int
	limit  int
}

func (p *trafficLoggingProtocol) log(format string, args ...any) {
	fmt.Fprintf(p.file, format+"\n", args...)
}

const elided = "<... elided>"

// cut shortens data to the limit.
func (p *trafficLoggingProtocol) cut(data []byte) string {
	if p.limit == 0 || len(data) <= p.limit {
		return string(data)
	}
	return string(data[:max(0, p.limit-len(elided))]) + elided
}

func (p *trafficLoggingProtocol) ConnectionMade() { p.log("*") }

func (p *trafficLoggingProtocol) DataReceived(self reactor.Protocol, data []byte) error {
	p.log("C %d: %q", p.number, p.cut(data))
	return p.ProtocolWrapper.DataReceived(self, data)
}

func (p *trafficLoggingProtocol) ConnectionLost(reason error) {
	p.log("C %d: %v", p.number, reason)
	_ = p.file.Close()
	p.ProtocolWrapper.ConnectionLost(reason)
}

func (p *trafficLoggingProtocol) Write(data []byte) {
	p.log("S %d: %q", p.number, p.cut(data))
	p.ProtocolWrapper.Write(data)
}

func (p *trafficLoggingProtocol) WriteSequence(data [][]byte) {
	parts := make([]string, len(data))
	for i, part := range data {
		parts[i] = fmt.Sprintf("%q", p.cut(part))
	}
	p.log("SV %d: [%s]", p.number, strings.Join(parts, " "))
	p.ProtocolWrapper.WriteSequence(data)
}

func (p *trafficLoggingProtocol) LoseConnection() {
	p.log("S %d: *", p.number)
	p.ProtocolWrapper.LoseConnection()
}
