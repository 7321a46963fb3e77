package backbone

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"proxyherd/herd"
)

func sealers(t *testing.T) (one, other *sealer) {
	t.Helper()
	secret, next := []byte("a secret of the tests, long enough"), []byte("the next secret of the tests")
	return newSealer([][]byte{secret, next}, 300, 4), newSealer([][]byte{next, secret}, 300, 4)
}

func TestAMessageIsProved(t *testing.T) {
	one, other := sealers(t)
	for _, body := range []string{"", "AT x\n", "SHARD 1 0\nSHARD 2 0\n"} {
		m := one.seal("herd.at.1", "herd.re.1", head{from: "Hill", boot: 0xab, number: 7}, []byte(body))
		h, got, err := other.open(&m)
		if err != nil || h != (head{from: "Hill", boot: 0xab, number: 7}) || string(got) != body {
			t.Errorf("%q is read as %+v, %q, %v", m.Data, h, got, err)
		}
	}
}

// Whatever is changed, nothing proves it any more.
func TestAMessageThatWasChangedIsRefused(t *testing.T) {
	one, other := sealers(t)
	good := one.seal("herd.at.1", "herd.re.1", head{from: "Hill", boot: 0xab, number: 7}, []byte("AT x\n"))
	changes := []func(m *Message){
		func(m *Message) { m.Subject = "herd.at.2" },
		func(m *Message) { m.Reply = "herd.re.2" },
		func(m *Message) { m.Reply = "" },
		func(m *Message) { m.Subject, m.Reply = "herd.at.1\nherd.re.1", "" },
		func(m *Message) { m.Data = append(m.Data, "AT y\n"...) },
		func(m *Message) { m.Data = m.Data[:len(m.Data)-1] },
	}
	for i := range good.Data {
		changes = append(changes, func(m *Message) { m.Data[i] ^= 1 })
	}
	for i, change := range changes {
		m := good
		m.Data = bytes.Clone(good.Data)
		change(&m)
		if _, _, err := other.open(&m); !errors.Is(err, errBadMAC) && !errors.Is(err, errNoHead) {
			t.Errorf("change %d: %q is taken: %v", i, m.Data, err)
		}
	}
	if len(changes) < 100 {
		t.Errorf("only %d changes were made", len(changes))
	}
}

func TestMembersMustHaveTheSameTerms(t *testing.T) {
	one, _ := sealers(t)
	secrets := [][]byte{[]byte("a secret of the tests, long enough")}
	for _, c := range []struct {
		future int64
		shards int
		want   error
	}{{300, 4, nil}, {301, 4, errOtherTerms}, {300, 8, errOtherTerms}} {
		m := newSealer(secrets, c.future, c.shards).seal("s", "", head{from: "Hill"}, nil)
		if h, _, err := one.open(&m); !errors.Is(err, c.want) || h.from != "Hill" {
			t.Errorf("future %d and %d shards: %v", c.future, c.shards, err)
		}
	}
	m := one.seal("s", "", head{from: "Hill"}, []byte("no line"))
	if _, _, err := one.open(&m); !errors.Is(err, errNotALine) {
		t.Errorf("a text without end: %v", err)
	}
}

func TestPiecesAreWholeLines(t *testing.T) {
	line := strings.Repeat("x", herd.MaxPeerLine) + "\n"
	for _, n := range []int{0, 1, 2, 3, 10} {
		lines, got := strings.Repeat(line, n), ""
		pieces([]byte(lines), func(body []byte) {
			if len(body) == 0 || len(body)%len(line) != 0 || len(body) > MaxData-1024 {
				t.Errorf("a piece of %d bytes", len(body))
			}
			got += string(body)
		})
		if got != lines {
			t.Errorf("of %d lines the pieces have %d bytes", n, len(got))
		}
	}
}

// FuzzOpen holds that no text gets through that was not sealed, and none ends us.
func FuzzOpen(f *testing.F) {
	one := newSealer([][]byte{[]byte("a secret of the tests, long enough")}, 300, 4)
	for _, number := range []uint64{0, 1 << 63} {
		f.Add(one.seal("s", "r", head{from: "Hill", number: number}, []byte("AT x\n")).Data[:80])
	}
	f.Add([]byte("HERD 1 Hill 00000000000000ab 7 300 4 00\nAT x\n"))
	f.Add([]byte("\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, _, err := one.open(&Message{Subject: "s", Reply: "r", Data: data}); err == nil {
			t.Errorf("%q is taken", data)
		}
	})
}
