package protocols_test

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"
)

// FuzzIntN cuts any bytes at random and compares with a parser that has them
// all at once.
func FuzzIntN(f *testing.F) {
	f.Add([]byte("\x03abc\x00\x02de"), uint8(1), uint64(1))
	f.Add([]byte("\x00\x03abc\x00\x00\x00"), uint8(2), uint64(2))
	f.Add([]byte("\x00\x00\x00\x03abc"), uint8(4), uint64(3))
	f.Fuzz(func(t *testing.T, data []byte, prefix uint8, seed uint64) {
		random := rand.New(rand.NewPCG(seed, 0))
		r := &anyInts{}
		r.PrefixLength, r.MaxLength = 1+int(prefix%4), 100
		transport := connect(r)
		for rest := data; len(rest) > 0 && !transport.Disconnecting(); {
			size := 1 + random.IntN(len(rest))
			feed(t, r, string(rest[:size]))
			rest = rest[size:]
		}
		var want []string
		refused := false
		for rest := data; len(rest) >= r.PrefixLength; {
			length := int(binary.BigEndian.Uint64(append(make([]byte, 8-r.PrefixLength), rest[:r.PrefixLength]...)))
			if refused = length > 100; refused || len(rest) < r.PrefixLength+length {
				break
			}
			want = append(want, string(rest[r.PrefixLength:r.PrefixLength+length]))
			rest = rest[r.PrefixLength+length:]
		}
		if !slices.Equal(r.got, want) || transport.Disconnecting() != refused {
			t.Fatalf("%q: got %q, refused %v; want %q, %v", data, r.got, transport.Disconnecting(), want, refused)
		}
	})
}
