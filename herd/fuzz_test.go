package herd

import (
	"bytes"
	"testing"
)

// FuzzReceive: whatever a client sends, an accepted report makes an AT line that
// a neighbour takes, stores and answers exactly as this server does, and any
// other line comes back as it was.
func FuzzReceive(f *testing.F) {
	r := newRandom(12)
	for range 50 {
		f.Add(r.command(), r.Int64N(1e12), r.IntN(1e9))
	}
	f.Add([]byte(kiwiIAMAT), int64(1<<62), 0)
	f.Fuzz(func(t *testing.T, line []byte, sec int64, nsec int) {
		farmar, meeks := newNode(t, "Farmar"), newNode(t, "Meeks")
		got := farmar.Receive(line, Unix(sec, nsec))
		if got.Verb == Invalid {
			if got.Flood != nil || len(line) <= MaxClientLine && !bytes.Equal(got.Answer, append(append([]byte("? "), line...), '\n')) {
				t.Fatalf("%q is answered %q", line, got.Answer)
			}
			if farmar.Store().Len() != 0 {
				t.Fatalf("%q is invalid, and stored", line)
			}
			return
		}
		// The stores are empty: nothing can be asked for, and every report is new.
		if got.Verb != IAMAT || !bytes.Equal(got.Answer, got.Flood) || !slowCommand(t, line) {
			t.Fatalf("%q gives %v, %q, flood %q", line, got.Verb, got.Answer, got.Flood)
		}
		at := bytes.Clone(withoutEnd(got.Flood))
		if bytes.ContainsAny(at, "\r\n") || !slowAT(t, at) {
			t.Fatalf("%q becomes %q", line, at)
		}
		flood, err := meeks.ReceivePeer(at)
		if err != nil || !bytes.Equal(withoutEnd(flood), at) {
			t.Fatalf("a neighbour passes %q on as %q, %v", at, flood, err)
		}
		id := slowFields(line)[1]
		var here, there Record
		if !farmar.Store().Get([]byte(id), &here) || !meeks.Store().Get([]byte(id), &there) ||
			Compare(&here, &there, testFuture) != 0 || here.Received != there.Received || here.Client != there.Client {
			t.Fatalf("of %q Farmar has %+v, Meeks has %+v", at, here, there)
		}
		ask := []byte("WHATSAT " + id + " 1 1")
		if a, b := farmar.Receive(ask, Timestamp{}), meeks.Receive(ask, Timestamp{}); len(ask) <= MaxClientLine &&
			(a.Verb != WHATSAT || !bytes.Equal(withoutEnd(a.Answer), at) || !bytes.Equal(a.Answer, b.Answer)) {
			t.Fatalf("Farmar answers %q, Meeks %q", a.Answer, b.Answer)
		}
	})
}

// FuzzParseAT: the fast parser takes what the slow one takes, and what it passes
// on is read as the same record again.
func FuzzParseAT(f *testing.F) {
	r := newRandom(13)
	for range 50 {
		f.Add(r.at())
	}
	f.Add([]byte(kiwiAT))
	f.Fuzz(func(t *testing.T, line []byte) {
		var first, second Record
		err := ParseAT(line, &first)
		if (err == nil) != slowAT(t, line) {
			t.Fatalf("%q: %v", line, err)
		}
		if err != nil {
			if Reason(err) == "" {
				t.Fatalf("%q is dropped for no reason: %v", line, err)
			}
			return
		}
		canonical := withoutEnd(first.AppendLine(nil))
		if err := ParseAT(canonical, &second); err != nil || Compare(&first, &second, testFuture) != 0 ||
			!bytes.Equal(first.ID, second.ID) || !bytes.Equal(withoutEnd(second.AppendLine(nil)), canonical) {
			t.Fatalf("%q goes on as %q, which is read as %+v, %v", line, canonical, second, err)
		}
	})
}

// FuzzHandshake: nothing that an end without the secret says opens a link, makes
// the other end prove itself, or is answered with more than one line.
func FuzzHandshake(f *testing.F) {
	dialler, acceptor := opening(f)
	hello := withoutEnd(dialler.Start())
	answer, _, _ := acceptor.Receive(hello)
	f.Add(hello, []byte("PROVE 00"), true)
	f.Add(withoutEnd(answer), []byte("PROVE 00"), false)
	f.Add([]byte("HELLO 2"), []byte("REFUSED wrong_version"), false)
	f.Fuzz(func(t *testing.T, first, second []byte, dials bool) {
		farmar, meeks := opening(t)
		victim := farmar
		if dials {
			victim = meeks
		}
		victim.Start()
		for _, line := range [][]byte{first, second} {
			send, done, err := victim.Receive(line)
			if done {
				t.Fatalf("%q and %q open a link", first, second)
			}
			if dials && bytes.HasPrefix(send, []byte("PROVE")) {
				t.Fatalf("the acceptor proves itself to %q", line)
			}
			if send != nil && bytes.IndexByte(send, '\n') != len(send)-1 {
				t.Fatalf("%q is answered %q", line, send)
			}
			if err != nil && Reason(err) == "" {
				t.Fatalf("%q is refused for no reason: %v", line, err)
			}
			hello, err := ParseHello(line)
			if err != nil {
				continue
			}
			again, err := ParseHello(withoutEnd(hello.AppendLine(nil)))
			if err != nil || again.Nonce != hello.Nonce || again.Boot != hello.Boot || again.Future != hello.Future {
				t.Fatalf("%q is read as %+v, and then as %+v, %v", line, hello, again, err)
			}
		}
	})
}
