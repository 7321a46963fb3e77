package herd

import (
	"bytes"
	"slices"
	"testing"
)

// stage is some handshakes at once, and whoever carries their lines. He has all
// that was ever said, and hands whom he likes what he likes.
type stage struct {
	ends []*stageEnd
	said [][]byte // without their ends, in the order in which they were said
}

type stageEnd struct {
	*Handshake
	done bool
	over bool
}

// newStage has the ends of pairs: at even places the diallers, and behind each an
// acceptor that it wants. Those of the last two pairs have different secrets.
func newStage(t testing.TB, caps []string) *stage {
	s := &stage{}
	for i, pair := range []struct {
		dialler, acceptor         string
		diallerKeys, acceptorKeys [][]byte
	}{
		{"Farmar", "Meeks", [][]byte{secret}, [][]byte{secret}},
		{"Meeks", "Farmar", [][]byte{secret}, [][]byte{secret}},
		{"Young", "Farmar", [][]byte{secret}, [][]byte{secret, newSecret}},
		{"Farmar", "Meeks", [][]byte{newSecret, secret}, [][]byte{secret, newSecret}},
		{"Farmar", "Meeks", [][]byte{newSecret}, [][]byte{secret}},
		{"Meeks", "Farmar", [][]byte{secret}, [][]byte{newSecret}},
	} {
		d, a := identity(t, pair.dialler, pair.diallerKeys...), identity(t, pair.acceptor, pair.acceptorKeys...)
		d.caps, a.caps = caps, caps
		s.ends = append(s.ends, &stageEnd{Handshake: NewDialler(d, pair.acceptor, nonce(byte(2*i)))},
			&stageEnd{Handshake: NewAcceptor(a, nonce(byte(2*i+1)))})
	}
	for _, e := range s.ends {
		s.hear(e.Start())
	}
	return s
}

func (s *stage) hear(line []byte) {
	if line != nil {
		s.said = append(s.said, withoutEnd(line))
	}
}

// tell hands an end a line.
func (s *stage) tell(t testing.TB, to int, line []byte) {
	e := s.ends[to]
	send, done, err := e.Receive(bytes.Clone(line))
	if (done || err != nil) && e.over && Reason(err) != "handshake_over" {
		t.Fatalf("end %d goes on after its end: done %v, %v", to, done, err)
	}
	if bytes.Count(send, []byte{'\n'}) > 1 || len(send) > MaxHandshakeLine+1 {
		t.Fatalf("end %d answers %q with %q", to, line, send)
	}
	e.done, e.over = e.done || done, e.over || done || err != nil
	s.hear(send)
}

// stageStep is how many bytes of a script are one deed: whom to tell, which line,
// how to change it, and where.
const stageStep = 4

// play hands out lines as a script says: to whom, which of those that were said,
// and what becomes of it on the way.
func (s *stage) play(t testing.TB, script []byte) {
	for ; len(script) >= stageStep && len(s.said) < 64; script = script[stageStep:] {
		to, which, how, what := int(script[0])%len(s.ends), int(script[1])%len(s.said), script[2], script[3]
		line := bytes.Clone(s.said[which])
		at := 0
		if len(line) > 0 {
			at = int(what) * len(line) / 256
		}
		switch how % 8 {
		case 1:
			line = line[:at]
		case 2:
			line = slices.Insert(line, at, byte(how))
		case 3:
			line = slices.Concat(line[:at], s.said[int(what)%len(s.said)])
		case 4:
			if len(line) > 0 {
				line[at] ^= 1 << (how / 32)
			}
		case 5:
			line = swapWords(line, "dialler", "acceptor")
		case 6:
			line = swapWords(line, "Farmar", "Meeks")
		}
		s.tell(t, to, line)
	}
}

func swapWords(line []byte, a, b string) []byte {
	line = bytes.ReplaceAll(line, []byte(a), []byte("\x00"))
	line = bytes.ReplaceAll(line, []byte(b), []byte(a))
	return bytes.ReplaceAll(line, []byte("\x00"), []byte(b))
}

// hold holds that whoever is done has a partner, that the two have seen the same
// bytes and have the same secret, and that what they derive from these fits.
func (s *stage) hold(t testing.TB) (done int) {
	for i, e := range s.ends {
		if !e.done {
			continue
		}
		done++
		partner := slices.IndexFunc(s.ends, func(p *stageEnd) bool {
			return p.mine.Role != e.mine.Role && bytes.Equal(p.dialler, e.dialler) && bytes.Equal(p.acceptor, e.acceptor)
		})
		if partner < 0 {
			t.Fatalf("end %d is done with nobody: it saw %q and %q", i, e.dialler, e.acceptor)
		}
		p := s.ends[partner]
		holds := func(key []byte) bool { return bytes.Equal(key, e.identity.keys[e.key]) }
		if !slices.ContainsFunc(p.identity.keys, holds) {
			t.Fatalf("ends %d and %d are done, and have not the same secret", i, partner)
		}
		if e.theirs.From != p.mine.From || p.theirs.From != e.mine.From || e.theirs.Nonce != p.mine.Nonce || e.Terms() != p.Terms() {
			t.Fatalf("end %d is done with %+v on %+v, and that is %+v on %+v", i, e.theirs, e.Terms(), p.mine, p.Terms())
		}
		// The acceptor's proof is the last: a dialler that has it is not alone.
		if e.mine.Role == Dialler && !p.done {
			t.Fatalf("dialler %d is done, and its acceptor %d is not", i, partner)
		}
		if p.done {
			mine, _ := e.Seals()
			_, theirs := p.Seals()
			if ok, err := theirs.Check(withoutEnd(mine.AppendMAC(nil))); !ok || err != nil {
				t.Fatalf("ends %d and %d prove lines differently: %v", i, partner, err)
			}
		}
	}
	return done
}

// honest is a script that lets pair number pair of a stage talk, if nothing else
// has been said: its lines come behind the diallers' first, one for each pair.
func honest(pair, pairs int) []byte {
	d, a := byte(2*pair), byte(2*pair+1)
	return []byte{a, byte(pair), 0, 0, d, byte(pairs), 0, 0, a, byte(pairs + 1), 0, 0, d, byte(pairs + 2), 0, 0}
}

func TestPairsOfOneSecretFindEachOtherAlone(t *testing.T) {
	pairs := len(newStage(t, nil).ends) / 2
	for pair := range pairs {
		s := newStage(t, nil)
		s.play(t, honest(pair, pairs))
		want := 2
		if pair >= pairs-2 {
			want = 0
		}
		if n := s.hold(t); n != want {
			t.Errorf("of pair %d, %d ends are done, want %d", pair, n, want)
		}
	}
}

// FuzzManInTheMiddle: who carries the lines of several handshakes, and may repeat,
// reflect, cut, splice and change them, never gets one end done unless another
// end has seen the same bytes and has the same secret. Two ends that he leaves
// alone are done, whatever he did before.
func FuzzManInTheMiddle(f *testing.F) {
	pairs := len(newStage(f, nil).ends) / 2
	for pair := range pairs {
		f.Add(honest(pair, pairs), uint8(pair))
	}
	// Two pairs at once, with their lines crossed and uncrossed.
	f.Add([]byte{1, 0, 0, 0, 3, 1, 0, 0, 0, 6, 0, 0, 2, 7, 0, 0, 1, 8, 0, 0, 3, 9, 0, 0, 0, 10, 0, 0, 2, 11, 0, 0}, uint8(7))
	f.Add([]byte{1, 3, 0, 0, 7, 0, 0, 0, 0, 6, 0, 0, 6, 7, 0, 0, 7, 8, 0, 0, 1, 9, 0, 0}, uint8(3))
	f.Add([]byte{3, 0, 6, 0, 2, 0, 5, 0, 1, 0, 4, 99, 0, 6, 1, 200, 1, 0, 3, 1}, uint8(5))
	f.Fuzz(func(t *testing.T, script []byte, can uint8) {
		var caps []string
		for i, c := range []string{capHeartbeat, capDigest + "=6.00", capMAC, capRoom + "=1.2"} {
			if can>>i&1 == 1 {
				caps = append(caps, c)
			}
		}
		s := newStage(t, caps)
		s.play(t, script)
		s.hold(t)
		// What he has heard of others is of no use against those he leaves alone.
		d, a := s.ends[0].identity, s.ends[1].identity
		one, other := NewDialler(d, a.name, nonce(0xdd)), NewAcceptor(a, nonce(0xaa))
		if dialler, acceptor, lines := play(one, other, untouched); !dialler.done || !acceptor.done || one.Terms() != other.Terms() {
			t.Fatalf("untouched they come to %+v and %+v:\n%s", dialler, acceptor, lines)
		}
	})
}
