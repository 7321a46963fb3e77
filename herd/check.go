package herd

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// What can be wrong with a setting outside the list of servers. Each is found
// wrapped in a FieldError.
var (
	ErrOutOfRange   = errors.New("the value is out of range")
	ErrNotKnown     = errors.New("this program does not know the value")
	ErrWholeSeconds = errors.New("the value must be whole seconds")
	ErrMissing      = errors.New("a value is required")
	ErrBadURL       = errors.New("not a web address")
	ErrNotTogether  = errors.New("these settings do not go together")
	ErrBadVariable  = errors.New("not the name of an environment variable")
	ErrShortSecret  = errors.New("the secret is too short")
)

// MinSecret is the least number of bytes in a secret that servers share.
const MinSecret = 16

// MaxRecords is the largest value of Limits.Records: neighbours' records are
// taken up to twice as many, and a store finds its records by 32 bits.
const MaxRecords = math.MaxUint32 / 2

// maxFuture keeps a mistyped Future from making every wrong clock count.
const maxFuture = Duration(24 * time.Hour)

// A FieldError says which setting is wrong, and why. Err wraps one of the
// package's Err values and ends with what to do about it.
type FieldError struct {
	Path string // where in the config, such as "servers[2].talks_to"
	Err  error
}

// Error returns the path and what is wrong there.
func (e *FieldError) Error() string { return e.Path + ": " + e.Err.Error() }

// Unwrap returns what is wrong.
func (e *FieldError) Unwrap() error { return e.Err }

// fieldError builds a FieldError: where, which kind of mistake, and in the rest
// what was found and how to mend it.
func fieldError(path string, kind error, format string, args ...any) error {
	return &FieldError{Path: path, Err: fmt.Errorf("%w: "+format, append([]any{kind}, args...)...)}
}

// Check says whether a herd can be run with c. The error joins one FieldError
// for everything that is wrong, in the order of the fields, so that a user can
// mend it all at once. The warnings are for a herd that can be run but may not
// be what was meant; they are nil when there are none.
func (c *Config) Check() (warnings []string, err error) {
	errs := []error{checkToken("herd", c.Herd), c.checkFuture()}
	topology, err := NewTopology(c.Servers)
	errs = append(errs, err)
	errs = append(errs, c.checkDesigns()...)
	errs = append(errs, checkBuckets("digest_buckets", c.DigestBuckets))
	errs = append(errs, c.Upstream.check()...)
	errs = append(errs, c.Log.check()...)
	errs = append(errs, checkOneOf("journal.fsync", c.Journal.Fsync, Fsyncs))
	errs = append(errs, c.checkSink()...)
	errs = append(errs, c.checkBackbone()...)
	errs = append(errs, c.Limits.check()...)
	if err == nil && c.Backbone.Kind == BackboneLinks {
		warnings = append(topology.warnings(), addressWarnings(c.Servers)...)
	}
	if c.Backbone.Kind == BackboneNATS {
		warnings = c.unheld()
	}
	return warnings, errors.Join(errs...)
}

// CheckSecret returns an error that wraps ErrShortSecret if key has fewer than
// MinSecret bytes. The bytes of the secret are the key itself: whoever reads
// them from a file takes off the line's end first.
func CheckSecret(key []byte) error {
	if len(key) < MinSecret {
		return fmt.Errorf("%w: it has %d bytes and needs at least %d; 32 random bytes in hex make a good one",
			ErrShortSecret, len(key), MinSecret)
	}
	return nil
}

func (c *Config) checkFuture() error {
	// The handshake carries the value in whole seconds; a fraction would let two
	// servers that order reports differently pass for equal.
	if _, whole := c.Future.wholeSeconds(); !whole {
		return fieldError("future", ErrWholeSeconds, "%v has a fraction; write for example 300s or 5m", c.Future)
	}
	return checkDuration("future", c.Future, 0, maxFuture)
}

func (c *Config) checkDesigns() (errs []error) {
	for i, s := range c.Servers {
		if s.Design != "" {
			errs = append(errs, checkOneOf(fmt.Sprintf("servers[%d].design", i), s.Design, Designs))
		}
	}
	return errs
}

func (l *Log) check() []error {
	var dir error
	if l.Dir == "" {
		dir = fieldError("log.dir", ErrMissing, `name a directory, such as "logs"`)
	}
	return []error{dir, checkOneOf("log.level", l.Level, LogLevels)}
}

func (l *Limits) check() []error {
	const (
		most  = math.MaxInt32 // of a number of things or bytes that one server holds
		block = 64 << 10      // one read or write of a busy connection

		longest = Duration(24 * time.Hour) // that a silence may last, if it may not for ever
	)
	return []error{
		checkRange("limits.connections", int64(l.Connections), 0, most),
		checkRange("limits.connections_per_address", int64(l.ConnectionsPerAddress), 0, most),
		checkDuration("limits.first_byte", l.FirstByte, 0, longest),
		checkDuration("limits.partial_line", l.PartialLine, 0, longest),
		checkDuration("limits.idle", l.Idle, 0, longest),
		checkRange("limits.commands_per_turn", int64(l.CommandsPerTurn), 1, most),
		checkRange("limits.output_per_client", int64(l.OutputPerClient), MaxPeerLine, most),
		checkRange("limits.output_per_client_most", int64(l.OutputPerClientMost), int64(l.OutputPerClient), most),
		checkRange("limits.waiting_whatsats_per_client", int64(l.WaitingWhatsatsPerClient), 1, most),
		checkRange("limits.waiting_whatsats", int64(l.WaitingWhatsats), 1, most),
		checkRange("limits.records", int64(l.Records), 1, MaxRecords),
		checkRange("limits.record_bytes", l.RecordBytes, block, maxPlaces*unitSize),
		checkDuration("limits.close_timeout", l.CloseTimeout, Duration(time.Millisecond), Duration(time.Hour)),
		checkRange("limits.log_queue", int64(l.LogQueue), block, most),
		checkRange("limits.unproved_peers", int64(l.UnprovedPeers), 1, most),
		checkRange("limits.lines_per_turn", int64(l.LinesPerTurn), 1, most),
		checkRange("limits.peer_output", int64(l.PeerOutput), block, most),
		checkRange("limits.peer_changed", int64(l.PeerChanged), 1, most),
		checkDuration("limits.peer_stall", l.PeerStall, Duration(time.Millisecond), Duration(time.Hour)),
	}
}

// The least and the largest number of buckets of a digest. The largest costs a
// server 8 MB.
const (
	minBuckets = 16
	maxBuckets = 1 << 20
)

func checkBuckets(path string, n int) error {
	if n < minBuckets || n > maxBuckets || n&(n-1) != 0 {
		return fieldError(path, ErrOutOfRange, "%d is not a power of two from %d to %d", n, minBuckets, maxBuckets)
	}
	return nil
}

func checkRange(path string, value, low, high int64) error {
	if value < low || value > high {
		return fieldError(path, ErrOutOfRange, "%d is not from %d to %d", value, low, high)
	}
	return nil
}

func checkDuration(path string, value, low, high Duration) error {
	if value < low || value > high {
		return fieldError(path, ErrOutOfRange, "%v is not from %v to %v", value, low, high)
	}
	return nil
}

func checkOneOf(path, value string, known []string) error {
	if slices.Contains(known, value) {
		return nil
	}
	return fieldError(path, ErrNotKnown, "%q; it knows %s", value, strings.Join(known, ", "))
}
