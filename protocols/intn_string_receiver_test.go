package protocols_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"proxyherd/protocols"
	"proxyherd/reactor"
	"proxyherd/reactor/reactortest"
)

type int8s struct {
	protocols.Int8StringReceiver
	stringNotes
}

type int16s struct {
	protocols.Int16StringReceiver
	stringNotes
}

type int32s struct {
	protocols.Int32StringReceiver
	stringNotes
	limit func(length int) error // nil means the base's
}

func (n *int32s) LengthLimitExceeded(length int) error {
	if n.limit == nil {
		return n.Int32StringReceiver.LengthLimitExceeded(length)
	}
	return n.limit(length)
}

var _ reactor.PushProducer = (*int32s)(nil)

// intN is what the three have in common for a test.
type intN interface {
	reactor.Protocol
	SendString(s []byte) error
	notes() *stringNotes
}

func (n *stringNotes) notes() *stringNotes { return n }

var eachIntN = []struct {
	name   string
	prefix int
	make   func() intN
}{
	{"Int8", 1, func() intN { return &int8s{} }},
	{"Int16", 2, func() intN { return &int16s{} }},
	{"Int32", 4, func() intN { return &int32s{} }},
}

// framed is s with a prefix of n bytes, made the slow way.
func framed(n int, s string) string {
	prefix := binary.BigEndian.AppendUint64(nil, uint64(len(s)))
	return string(prefix[8-n:]) + s
}

func TestIntNStringReceiver(t *testing.T) {
	for _, c := range eachIntN {
		t.Run(c.name, func(t *testing.T) {
			t.Run("prefixed strings arrive in order, byte by byte", func(t *testing.T) { // IN1, IN2
				r := c.make()
				connect(r)
				sent := []string{"foo", "x", strings.Repeat("b", 200), "", "end"}
				for _, s := range sent {
					for _, b := range []byte(framed(c.prefix, s)) {
						feed(t, r, string([]byte{b}))
					}
				}
				same(t, "strings", r.notes().got, sent...)
			})
			t.Run("every split gives the same strings", func(t *testing.T) {
				stream := framed(c.prefix, "ab") + framed(c.prefix, "") + framed(c.prefix, "c")
				splits := everySplit(stream, func(chunks []string) {
					r := c.make()
					connect(r)
					for _, chunk := range chunks {
						feed(t, r, chunk)
					}
					same(t, "strings", r.notes().got, "ab", "", "c")
				})
				if splits != 1<<(len(stream)-1) {
					t.Fatalf("%d splits checked", splits)
				}
			})
			t.Run("part of a prefix or of a string delivers nothing", func(t *testing.T) { // IN2
				whole := framed(c.prefix, "ab")
				for n := range whole {
					r := c.make()
					transport := connect(r)
					feed(t, r, whole[:n])
					same(t, "strings", r.notes().got)
					if transport.Disconnecting() {
						t.Fatalf("%d bytes were refused", n)
					}
				}
			})
			t.Run("SendString writes prefix and string at once", func(t *testing.T) { // IN8
				r := c.make()
				transport := connect(r)
				for _, s := range []string{"foo", ""} {
					if err := r.SendString([]byte(s)); err != nil {
						t.Fatal(err)
					}
				}
				same(t, "writes", transport.writes, framed(c.prefix, "foo"), framed(c.prefix, ""))
			})
			t.Run("the prefix has its length on the wire", func(t *testing.T) { // IN1
				r := c.make()
				transport := connect(r)
				if err := r.SendString([]byte("\x80")); err != nil {
					t.Fatal(err)
				}
				want := strings.Repeat("\x00", c.prefix-1) + "\x01\x80"
				if got := transport.Value(); got != want {
					t.Fatalf("wrote %q, want %q", got, want)
				}
				feed(t, r, want)
				same(t, "strings", r.notes().got, "\x80")
			})
		})
	}
}

func TestIntNSendStringTooLong(t *testing.T) { // IN8
	for _, c := range eachIntN[:2] {
		t.Run(c.name, func(t *testing.T) {
			longest := 1<<(8*c.prefix) - 1
			r := c.make()
			transport := connect(r)
			if err := r.SendString(make([]byte, longest+1)); !errors.Is(err, protocols.ErrStringTooLong) {
				t.Fatalf("SendString = %v", err)
			}
			if err := r.SendString(make([]byte, longest)); err != nil {
				t.Fatal(err)
			}
			if len(transport.writes) != 1 || len(transport.Value()) != c.prefix+longest {
				t.Fatalf("%d writes, %d bytes", len(transport.writes), len(transport.Value()))
			}
		})
	}
	t.Run("MaxLength does not bound what is sent", func(t *testing.T) {
		r := &int32s{}
		r.MaxLength = 1
		connect(r)
		if err := r.SendString([]byte("ab")); err != nil {
			t.Fatal(err)
		}
	})
}

func TestIntNLengthLimit(t *testing.T) {
	over := framed(4, "123456")
	t.Run("a longer string tells its length", func(t *testing.T) { // IN2
		var told []int
		r := &int32s{limit: func(length int) error { told = append(told, length); return nil }}
		r.MaxLength = 5
		connect(r)
		feed(t, r, over[:4])
		same(t, "lengths", told, 6)
	})
	t.Run("by default it loses the connection and is not delivered even if all there", func(t *testing.T) { // IN3
		r := &int32s{}
		r.MaxLength = 5
		transport := connect(r)
		feed(t, r, framed(4, "12345")+over+framed(4, "a"))
		same(t, "strings", r.got, "12345")
		if !transport.Disconnecting() {
			t.Fatal("not disconnecting")
		}
	})
	t.Run("what is malformed is refused byte by byte too", func(t *testing.T) {
		r := &int32s{}
		transport := connect(r)
		for _, b := range []byte("\x10\x00\x00\x00aaaaaa") {
			feed(t, r, string(b))
		}
		same(t, "strings", r.got)
		if !transport.Disconnecting() {
			t.Fatal("not disconnecting")
		}
	})
	t.Run("the default is 99999", func(t *testing.T) { // IN1
		for length, refused := range map[int]bool{99999: false, 100000: true} {
			r := &int32s{}
			transport := connect(r)
			feed(t, r, framed(4, strings.Repeat("x", length))[:8])
			if transport.Disconnecting() != refused {
				t.Errorf("length %d: disconnecting %v", length, transport.Disconnecting())
			}
		}
	})
	t.Run("nothing is delivered twice when the connection survives", func(t *testing.T) { // IN4
		told := 0
		r := &int32s{limit: func(int) error { told++; return nil }}
		r.MaxLength = 5
		connect(r)
		feed(t, r, framed(4, "a")+over)
		feed(t, r, "more")
		same(t, "strings", r.got, "a")
		if told != 2 {
			t.Fatalf("told %d times", told)
		}
	})
	t.Run("an error of it is returned", func(t *testing.T) {
		r := &int32s{limit: func(int) error { return errStop }}
		r.MaxLength = 5
		connect(r)
		if err := feedErr(r, over); !errors.Is(err, errStop) {
			t.Fatalf("DataReceived = %v", err)
		}
	})
	t.Run("a prefix of three bytes works, one of five is refused", func(t *testing.T) {
		r := &anyInts{}
		r.PrefixLength = 3
		connect(r)
		feed(t, r, framed(3, "abc"))
		same(t, "strings", r.got, "abc")
		r.PrefixLength = 5
		if said := mustPanic(t, func() { connect(r) }); !strings.Contains(said, "PrefixLength of 5") {
			t.Fatalf("panicked with %q", said)
		}
	})
}

type anyInts struct {
	protocols.IntNStringReceiver
	stringNotes
}

func TestIntNCallbacks(t *testing.T) {
	stream := framed(4, "a") + framed(4, "b")
	t.Run("bytes received within a callback queue behind the rest", func(t *testing.T) { // IN5
		r := &int32s{}
		r.received = func(s string) error {
			if s != "a" {
				return nil
			}
			return r.DataReceived(r, []byte(framed(4, "c")))
		}
		connect(r)
		feed(t, r, stream)
		same(t, "strings", r.got, "a", "b", "c")
	})
	t.Run("strings after LoseConnection are still delivered", func(t *testing.T) { // IN6
		r := &int32s{}
		r.received = func(string) error { r.Transport.LoseConnection(); return nil }
		connect(r)
		feed(t, r, stream)
		same(t, "strings", r.got, "a", "b")
	})
	t.Run("a pause stops after its string, resuming goes on", func(t *testing.T) { // IN7, PM1, PM2
		r := &int32s{}
		r.received = func(string) error { r.PauseProducing(); return nil }
		transport := connect(r)
		feed(t, r, stream)
		same(t, "strings", r.got, "a")
		if transport.ProducerState != reactortest.Paused {
			t.Fatalf("transport is %v", transport.ProducerState)
		}
		r.ResumeProducing()
		same(t, "strings", r.got, "a", "b")
	})
	t.Run("an error stops them and the rest is kept", func(t *testing.T) {
		r := &int32s{}
		r.received = func(string) error { return errStop }
		connect(r)
		if err := feedErr(r, stream); !errors.Is(err, errStop) {
			t.Fatalf("DataReceived = %v", err)
		}
		r.received = nil
		feed(t, r, framed(4, "c"))
		same(t, "strings", r.got, "a", "b", "c")
	})
	t.Run("whole strings cost no memory", func(t *testing.T) {
		r := &quietInts{}
		connect(r)
		chunk := bytes.Repeat([]byte(framed(4, "string")), 1000)
		if n := testing.AllocsPerRun(10, func() { _ = r.DataReceived(r, chunk) }); n != 0 || r.strings != 11_000 {
			t.Fatalf("%v allocations, %d strings", n, r.strings)
		}
	})
}

// quietInts only counts.
type quietInts struct {
	protocols.Int32StringReceiver
	strings int
}

func (q *quietInts) StringReceived([]byte) error { q.strings++; return nil }
