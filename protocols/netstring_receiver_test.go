package protocols_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"proxyherd/protocols"
	"proxyherd/reactor"
)

// stringNotes notes the strings that a receiver beside it delivers.
type stringNotes struct {
	got      []string
	received func(s string) error
}

func (n *stringNotes) StringReceived(s []byte) error {
	n.got = append(n.got, string(s))
	if n.received == nil {
		return nil
	}
	return n.received(string(s))
}

type netstrings struct {
	protocols.NetstringReceiver
	stringNotes
}

func TestNetstringReceiver(t *testing.T) {
	for _, c := range []struct {
		name   string
		chunks []string
		want   []string
	}{
		{"an empty string", []string{"0:,"}, []string{""}}, // NS2
		{"one character", []string{"1:a,"}, []string{"a"}},
		{"two characters", []string{"2:ab,"}, []string{"ab"}},
		{"a netstring within", []string{"4:1:a,,"}, []string{"1:a,"}},
		{"a payload in two chunks", []string{"7:abc", "defg,"}, []string{"abcdefg"}},
		{"a length in two chunks", []string{"1", "2:abc", "defghijkl,"}, []string{"abcdefghijkl"}},
		{"one byte a chunk", []string{"2", ":", "a", "b", ","}, []string{"ab"}},
		{"the next one's length in the same chunk", []string{"3:abc,1", "0:abcdefghij,"}, []string{"abc", "abcdefghij"}},
		{"several in one chunk", []string{"1:a,0:,2:bc,"}, []string{"a", "", "bc"}}, // NS8
		{"the longest string", []string{"5:abcde,"}, []string{"abcde"}},             // NS5
		{"a length split at every byte", []string{"1", "0"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := &netstrings{}
			n.MaxLength = 12
			transport := connect(n)
			for _, chunk := range c.chunks {
				feed(t, n, chunk)
			}
			same(t, "strings", n.got, c.want...)
			if transport.Disconnecting() || n.BrokenPeer {
				t.Fatal("refused")
			}
		})
	}
}

func TestNetstringReceiverRefuses(t *testing.T) {
	for _, c := range []struct{ name, stream string }{
		{"more data than specified", "2:aaa,"}, // NS6
		{"data after length zero", "0:a,"},     // NS6
		{"a missing number", ":aaa,"},          // NS3
		{"a missing colon", "100aaa,"},
		{"a missing number and colon", "aaa,"},
		{"only data", "aaa"},
		{"a leading zero", "007:"},
		{"two zeros", "00:"},
		{"a blank before the number", " 3:abc,"},
		{"a negative number", "-1:"},
		{"a line feed after the number", "3\n:abc,"}, // NS10
		{"a length one over the limit", "6:"},        // NS5
		{"a whole string over the limit", "6:abcdef,"},
		{"a length far over the limit", "1000000000000000000000000000000:"},
		{"digits that are over the limit already", "10"}, // NS4
	} {
		t.Run(c.name, func(t *testing.T) {
			sizes := everySize(c.stream, func(chunks []string) {
				n := &netstrings{}
				n.MaxLength = 5
				transport := connect(n)
				for _, chunk := range chunks {
					feed(t, n, chunk)
				}
				same(t, "strings", n.got)
				if !transport.Disconnecting() || !n.BrokenPeer {
					t.Fatalf("chunks %q were not refused", chunks)
				}
			})
			if sizes != len(c.stream) {
				t.Fatalf("%d sizes checked", sizes)
			}
		})
	}
	t.Run("by default more than 99999 bytes", func(t *testing.T) { // NS1, NS4
		for stream, refused := range map[string]bool{"99999:": false, "9999": false, "100000": true, "0000000": true} {
			n := &netstrings{}
			transport := connect(n)
			feed(t, n, stream)
			if transport.Disconnecting() != refused {
				t.Errorf("%q: disconnecting %v", stream, transport.Disconnecting())
			}
		}
	})
	t.Run("once and for all", func(t *testing.T) { // NS7
		n := &netstrings{}
		transport := connect(n)
		feed(t, n, "1:a,x1:b,")
		for _, more := range []string{"1:c,", ","} {
			n.BrokenPeer = false
			feed(t, n, more)
			if !transport.Disconnecting() || !n.BrokenPeer {
				t.Fatalf("%q after it was not refused", more)
			}
		}
		same(t, "strings", n.got, "a")
	})
	t.Run("until the next connection", func(t *testing.T) { // NS1
		for _, left := range []string{"x", "1:a;", "5:ab"} {
			n := &netstrings{}
			connect(n)
			feed(t, n, left)
			transport := connect(n)
			feed(t, n, "1:b,")
			same(t, "strings", n.got, "b")
			if n.BrokenPeer || transport.Disconnecting() {
				t.Errorf("%q is not forgotten", left)
			}
		}
	})
}

func TestNetstringReceiverCallbacks(t *testing.T) {
	t.Run("strings after LoseConnection are still delivered", func(t *testing.T) { // NS8
		n := &netstrings{}
		n.received = func(string) error { n.Transport.LoseConnection(); return nil }
		connect(n)
		feed(t, n, "1:a,1:b,")
		same(t, "strings", n.got, "a", "b")
	})
	t.Run("a new limit is not for a string whose prefix is there", func(t *testing.T) { // NS5
		for _, begun := range []string{"8:", "8:abc", "8:abcdefgh"} {
			n := &netstrings{}
			transport := connect(n)
			feed(t, n, begun)
			n.MaxLength = 1
			feed(t, n, "8:abcdefgh,"[len(begun):])
			same(t, "strings", n.got, "abcdefgh")
			feed(t, n, "2:")
			if !transport.Disconnecting() {
				t.Errorf("begun with %q: the next one is not refused", begun)
			}
		}
	})
	t.Run("a limit set within the callback is for the next string", func(t *testing.T) { // NS5
		n := &netstrings{}
		n.received = func(string) error { n.MaxLength = 1; return nil }
		transport := connect(n)
		feed(t, n, "2:ab,1:c,2:de,")
		same(t, "strings", n.got, "ab", "c")
		if !transport.Disconnecting() {
			t.Fatal("not refused")
		}
	})
	t.Run("an error stops them and is returned", func(t *testing.T) {
		n := &netstrings{}
		n.received = func(string) error { return errStop }
		connect(n)
		if err := feedErr(n, "1:a,1:b,"); !errors.Is(err, errStop) {
			t.Fatalf("DataReceived = %v", err)
		}
		same(t, "strings", n.got, "a")
	})
	t.Run("a panic loses only its own string", func(t *testing.T) { // NS9
		n := &netstrings{}
		n.received = func(string) error { panic("in the string") }
		connect(n)
		mustPanic(t, func() { _ = feedErr(n, "1:a,1:b,") })
		n.received = nil
		feed(t, n, "1:c,")
		same(t, "strings", n.got, "a", "b", "c")
	})
	t.Run("bytes received within a callback queue behind the rest", func(t *testing.T) {
		n := &netstrings{}
		n.received = func(s string) error {
			if s != "a" {
				return nil
			}
			return n.DataReceived(n, []byte("1:c,"))
		}
		connect(n)
		feed(t, n, "1:a,1:b,")
		same(t, "strings", n.got, "a", "b", "c")
	})
	t.Run("what is sent is received, in chunks of every size", func(t *testing.T) { // NS2
		sent := []string{"", "a", "1:a,", strings.Repeat("long ", 200)}
		out := &netstrings{}
		transport := connect(out)
		for _, s := range sent {
			out.SendString([]byte(s))
		}
		if len(transport.writes) != len(sent) || transport.writes[1] != "1:a," {
			t.Fatalf("writes %q", transport.writes)
		}
		sizes := everySize(transport.Value(), func(chunks []string) {
			in := &netstrings{}
			connect(in)
			for _, chunk := range chunks {
				feed(t, in, chunk)
			}
			same(t, "strings", in.got, sent...)
		})
		if sizes < 1000 {
			t.Fatalf("%d sizes checked", sizes)
		}
	})
	t.Run("sending is not bounded by MaxLength", func(t *testing.T) { // NS2
		n := &netstrings{}
		n.MaxLength = 1
		transport := connect(n)
		n.SendString([]byte("ab"))
		if got := transport.Value(); got != "2:ab," {
			t.Fatalf("wrote %q", got)
		}
	})
	t.Run("it cannot be paused", func(t *testing.T) { // PM1
		if _, ok := any(&netstrings{}).(reactor.PushProducer); ok {
			t.Fatal("it is a producer")
		}
	})
}

// FuzzNetstring sends strings cut at random and expects them back; then the
// raw bytes, which must be refused or give what a slow parser finds in them.
func FuzzNetstring(f *testing.F) {
	f.Add([]byte("3:abc,0:,12:"), uint64(1))
	f.Add([]byte("00:,"), uint64(2))
	f.Add([]byte("9:abc"), uint64(3))
	f.Fuzz(func(t *testing.T, data []byte, seed uint64) {
		random := rand.New(rand.NewPCG(seed, 0))
		want, broken := slowNetstrings(string(data), 20)
		n := &netstrings{}
		n.MaxLength = 20
		transport := connect(n)
		for rest := data; len(rest) > 0; {
			size := 1 + random.IntN(len(rest))
			feed(t, n, string(rest[:size]))
			rest = rest[size:]
			if n.BrokenPeer {
				break
			}
		}
		if !slices.Equal(n.got, want) || n.BrokenPeer != broken || transport.Disconnecting() != broken {
			t.Fatalf("%q: got %q, broken %v; want %q, %v", data, n.got, n.BrokenPeer, want, broken)
		}
	})
}

// slowNetstrings parses a whole stream by trying every length in turn: data
// must begin with "N:" for one N, or be the beginning of it.
func slowNetstrings(data string, longest int) (found []string, broken bool) {
next:
	for data != "" {
		possible := false
		for length := range longest + 1 {
			prefix := fmt.Sprintf("%d:", length)
			possible = possible || strings.HasPrefix(prefix, data)
			if !strings.HasPrefix(data, prefix) {
				continue
			}
			end := len(prefix) + length
			if len(data) <= end {
				return found, false
			}
			if data[end] != ',' {
				return found, true
			}
			found = append(found, data[len(prefix):end])
			data = data[end+1:]
			continue next
		}
		return found, !possible
	}
	return found, false
}
