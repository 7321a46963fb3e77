package herd

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

var (
	secret    = []byte("sixteen bytes or")
	newSecret = []byte("another, while it is being replaced")
)

// identity is who a server of the built-in herd is; boots differ by name.
func identity(t testing.TB, name string, keys ...[]byte) *Identity {
	t.Helper()
	if keys == nil {
		keys = [][]byte{secret}
	}
	config := Default()
	i, err := config.Identity(name, Boot(len(name)), keys)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func nonce(c byte) (n Nonce) {
	for i := range n {
		n[i] = c
	}
	return n
}

// opening is Farmar dialling Meeks.
func opening(t testing.TB) (dialler, acceptor *Handshake) {
	t.Helper()
	return NewDialler(identity(t, "Farmar"), "Meeks", nonce(0xdd)), NewAcceptor(identity(t, "Meeks"), nonce(0xaa))
}

// outcome is how a handshake ended for one end.
type outcome struct {
	done bool
	err  error
}

// play carries lines between two ends until neither has more to say. On the
// way, tamper may change a line; whether its sender is the dialler is told.
func play(dialler, acceptor *Handshake, tamper func(fromDialler bool, line []byte) []byte) (d, a outcome, transcript string) {
	line, fromDialler := dialler.Start(), true
	for line != nil {
		transcript += string(line)
		line = tamper(fromDialler, withoutEnd(line))
		if fromDialler {
			line, a.done, a.err = acceptor.Receive(line)
		} else {
			line, d.done, d.err = dialler.Receive(line)
		}
		fromDialler = !fromDialler
	}
	return d, a, transcript
}

func untouched(_ bool, line []byte) []byte { return line }

// The whole conversation byte for byte, with the proofs worked out from the
// definition.
func TestHandshakeTranscript(t *testing.T) {
	dialler, acceptor := opening(t)
	if first := acceptor.Start(); first != nil {
		t.Errorf("the acceptor speaks first: %q", first)
	}
	d, a, transcript := play(dialler, acceptor, untouched)
	if !d.done || !a.done || d.err != nil || a.err != nil {
		t.Fatalf("dialler %+v, acceptor %+v", d, a)
	}
	dHello := "HELLO 1 herd Farmar Meeks dialler 300 - 0000000000000006 " + strings.Repeat("dd", 32)
	aHello := "HELLO 1 herd Meeks Farmar acceptor 300 - 0000000000000005 " + strings.Repeat("aa", 32)
	proof := func(role string) string {
		m := hmac.New(sha256.New, secret)
		m.Write([]byte(role + "\n" + dHello + "\n" + aHello))
		return "PROVE " + hex.EncodeToString(m.Sum(nil))
	}
	want := strings.Join([]string{dHello, aHello, proof("dialler"), proof("acceptor"), ""}, "\n")
	if transcript != want {
		t.Errorf("they said\n%s\nwant\n%s", transcript, want)
	}
	if dialler.Theirs().From != "Meeks" || acceptor.Theirs().From != "Farmar" || acceptor.Theirs().Boot != 6 {
		t.Errorf("they know each other as %+v and %+v", dialler.Theirs(), acceptor.Theirs())
	}
	for _, h := range []*Handshake{dialler, acceptor} {
		if send, done, err := h.Receive([]byte("PROVE again")); send != nil || done || !errors.Is(err, ErrHandshakeOver) {
			t.Errorf("after the end: %q, %v, %v", send, done, err)
		}
	}
}

// The acceptor proves nothing to whoever has not proved himself first.
func TestAcceptorWaitsForTheProof(t *testing.T) {
	for _, proof := range []string{"PROVE " + strings.Repeat("00", 32), "PROVE ", "PROVE", "AT Farmar +0.000000000 k +0+0 1", ""} {
		dialler, acceptor := opening(t)
		if _, _, err := acceptor.Receive(withoutEnd(dialler.Start())); err != nil {
			t.Fatal(err)
		}
		send, done, err := acceptor.Receive([]byte(proof))
		if bytes.Contains(send, []byte("PROVE")) || done || err == nil {
			t.Errorf("%q is answered %q, done %v, %v", proof, send, done, err)
		}
	}
}

func TestHandshakeRefusals(t *testing.T) {
	const aHello = "HELLO 1 herd Meeks Farmar acceptor 300 - 0000000000000005 "
	replace := func(old, new string) func(string) string {
		return func(line string) string { return strings.Replace(line, old, new, 1) }
	}
	instead := func(line string) func(string) string { return func(string) string { return line } }
	const hello, prove = 0, 1 // which line of that end is changed
	for _, c := range []struct {
		name    string
		dialler bool // whose line is changed
		line    int
		change  func(line string) string
		want    error
		says    string
	}{
		{"another version", true, hello, replace("HELLO 1", "HELLO 2"), ErrWrongVersion, `theirs is "2", ours 1`},
		{"another version, other fields", true, hello, instead("HELLO 2 all is new"), ErrWrongVersion, `"2"`},
		{"another herd", true, hello, replace("herd", "flock"), ErrWrongHerd, `theirs is "flock", ours "herd"`},
		{"for another server", true, hello, replace(" Meeks ", " Young "), ErrWrongRecipient, `it is for "Young", and this is "Meeks"`},
		{"an unknown server", true, hello, replace(" Farmar ", " Nobody "), ErrUnknownPeer, `it is "Nobody", and "Meeks" talks to ["Farmar" "Gasol" "Hill"]`},
		{"a server that is not a neighbour", true, hello, replace(" Farmar ", " Young "), ErrUnknownPeer, `"Young"`},
		{"two acceptors", true, hello, replace("dialler", "acceptor"), ErrWrongRole, "acceptor"},
		{"another future", true, hello, replace(" 300 ", " 60 "), ErrWrongFuture, "theirs is 1m, ours 5m"},
		{"a future that is too long", true, hello, replace(" 300 ", " 86401 "), ErrBadHello, `future is "86401"`},
		{"a future with a sign", true, hello, replace(" 300 ", " +300 "), ErrBadHello, `future is "+300"`},
		{"a future that overflows", true, hello, replace(" 300 ", " 99999999999999999999 "), ErrBadHello, "future"},
		{"no role", true, hello, replace("dialler", "friend"), ErrBadHello, `role is "friend"`},
		{"empty capabilities", true, hello, replace(" - ", " digest,,x "), ErrBadHello, `capabilities is "digest,,x"`},
		{"a short boot", true, hello, replace("0000000000000006", "006"), ErrBadHello, `boot is "006"`},
		{"a boot in capitals", true, hello, replace("0000000000000006", "000000000000000A"), ErrBadHello, "boot"},
		{"a short nonce", true, hello, replace("dddd", ""), ErrBadHello, "nonce"},
		{"a long nonce", true, hello, replace("dddd", "dddddd"), ErrBadHello, "nonce"},
		{"a nonce that is not hex", true, hello, replace("dddd", "ddxx"), ErrBadHello, "nonce"},
		{"too few fields", true, hello, replace(" herd", ""), ErrBadHello, "9 fields, and needs 10"},
		{"too long", true, hello, func(line string) string { return line + strings.Repeat(" ", MaxHandshakeLine+1-len(line)) }, ErrHandshakeTooLong, "4097 bytes, and 4096"},
		{"a proof that is too long", true, prove, func(line string) string { return line + strings.Repeat(" ", MaxHandshakeLine) }, ErrHandshakeTooLong, "4096 are allowed"},
		{"a command", true, hello, instead("IAMAT kiwi +0+0 1"), ErrNotHello, `"IAMAT kiwi +0+0 1"`},
		{"a proof too soon", true, hello, instead("PROVE 00"), ErrNotHello, "PROVE"},
		{"nothing", true, hello, instead(""), ErrNotHello, `""`},
		{"a browser", true, hello, instead("GET / HTTP/1.1\x00"), ErrNotHello, `\x00`},
		{"a wrong proof", true, prove, replace("PROVE ", "PROVE 00"), ErrBadProof, `dialler says it is "Farmar"`},
		{"a proof that is not hex", true, prove, instead("PROVE secret"), ErrBadProof, `"secret" is not hex`},
		{"no proof", true, prove, instead("PROVE"), ErrNotProve, "PROVE"},
		{"an AT line too soon", true, prove, instead(kiwiAT), ErrNotProve, "AT Farmar"},
		{"the other end refuses", true, prove, instead("REFUSED wrong_peer"), ErrRefused, `it said "REFUSED wrong_peer"`},

		{"the wrong server answers", false, hello, replace(" Meeks ", " Young "), ErrWrongPeer, `it is "Young", and "Meeks" was dialled`},
		{"an answer for another", false, hello, replace(" Farmar ", " Gasol "), ErrWrongRecipient, `it is for "Gasol", and this is "Farmar"`},
		{"another herd answers", false, hello, replace("herd", "flock"), ErrWrongHerd, `"flock"`},
		{"our HELLO comes back", false, hello, instead("HELLO 1 herd Farmar Meeks dialler 300 - 0000000000000006 " + strings.Repeat("dd", 32)), ErrWrongRole, "dialler"},
		{"our nonce comes back", false, hello, instead(aHello + strings.Repeat("dd", 32)), ErrOwnNonce, "dddd"},
		{"the acceptor refuses", false, hello, instead("REFUSED wrong_herd"), ErrRefused, `it said "REFUSED wrong_herd"`},
		{"the acceptor's proof is wrong", false, prove, replace("PROVE ", "PROVE 00"), ErrBadProof, `acceptor says it is "Meeks"`},
		{"the acceptor finds our proof wrong", false, prove, instead("REFUSED bad_proof"), ErrRefused, "bad_proof"},
	} {
		dialler, acceptor := opening(t)
		seen := map[bool]int{}
		d, a, transcript := play(dialler, acceptor, func(fromDialler bool, line []byte) []byte {
			seen[fromDialler]++
			if fromDialler == c.dialler && seen[fromDialler] == c.line+1 {
				line = []byte(c.change(string(line)))
			}
			return line
		})
		victim, other := a, d
		if !c.dialler {
			victim, other = d, a
		}
		if victim.done || !errors.Is(victim.err, c.want) || !strings.Contains(victim.err.Error(), c.says) {
			t.Errorf("%s: %v\nwant %v ... %s", c.name, victim.err, c.want, c.says)
		}
		// Both logs say why, but whoever does not speak the protocol learns nothing,
		// and a refusal is not answered with another.
		reason := Reason(c.want)
		silent := errors.Is(c.want, ErrNotHello) || errors.Is(c.want, ErrNotProve) ||
			errors.Is(c.want, ErrHandshakeTooLong) || errors.Is(c.want, ErrRefused)
		if told := strings.HasSuffix(transcript, "REFUSED "+reason+"\n"); told == silent || reason == "" {
			t.Errorf("%s: reason %q, told %v:\n%s", c.name, reason, told, transcript)
		}
		late := !c.dialler && c.line == prove // the acceptor was done already
		if told := errors.Is(other.err, ErrRefused) && strings.Contains(other.err.Error(), reason); told == silent && !late {
			t.Errorf("%s: the other end's log says %v", c.name, other.err)
		}
	}
}

// Any single byte of the conversation that a man in the middle changes makes at
// least the end that reads it refuse.
func TestNoByteCanBeChanged(t *testing.T) {
	dialler, acceptor := opening(t)
	_, _, transcript := play(dialler, acceptor, untouched)
	checked := 0
	for place := range transcript {
		for _, flip := range []byte{0x01, 0x20, 0x80} {
			if transcript[place] == '\n' || transcript[place]^flip == '\n' {
				continue
			}
			at := 0
			dialler, acceptor := opening(t)
			d, a, _ := play(dialler, acceptor, func(_ bool, line []byte) []byte {
				if at <= place && place < at+len(line) {
					line = bytes.Clone(line)
					line[place-at] ^= flip
				}
				at += len(line) + 1
				return line
			})
			// Hex in capitals is the same proof, and that is all that may pass.
			inProof := strings.LastIndex(transcript[:place], "PROVE ") > strings.LastIndex(transcript[:place], "\n")
			sameProof := inProof && flip == 0x20 && transcript[place] >= 'a'
			if (d.done && a.done) != sameProof {
				t.Errorf("byte %d, %q, changed by %#x: dialler %+v, acceptor %+v", place, transcript[place], flip, d, a)
			}
			checked++
		}
	}
	if checked < 3*len(transcript)-50 {
		t.Errorf("only %d changes were tried", checked)
	}
}

// A thief without the secret cannot make one handshake's proof serve another:
// not by relaying Farmar's own words back to it on a second connection.
func TestReflectionFails(t *testing.T) {
	farmar := identity(t, "Farmar")
	dialler := NewDialler(farmar, "Meeks", nonce(1))
	acceptor := NewAcceptor(farmar, nonce(2))
	hello := withoutEnd(dialler.Start())
	if _, _, err := acceptor.Receive(hello); !errors.Is(err, ErrWrongRecipient) {
		t.Errorf("Farmar accepts its own HELLO: %v", err)
	}

	// As "Meeks" the thief opens a link to Farmar, and answers Farmar's dialling
	// with Farmar's answer to that link, in its own name: the roles are right and
	// the nonces too, but the proofs are over other names.
	acceptor = NewAcceptor(farmar, nonce(2))
	thief := "HELLO 1 herd Meeks Farmar dialler 300 - 0000000000000005 " + nonce(1).String()
	if _, _, err := acceptor.Receive([]byte(thief)); err != nil {
		t.Fatal(err)
	}
	answer := "HELLO 1 herd Meeks Farmar acceptor 300 - 0000000000000005 " + nonce(2).String()
	proof, _, err := dialler.Receive([]byte(answer))
	if err != nil {
		t.Fatal(err)
	}
	if send, done, err := acceptor.Receive(withoutEnd(proof)); done || !errors.Is(err, ErrBadProof) {
		t.Errorf("Farmar takes its own proof for Meeks': %q, %v, %v", send, done, err)
	}
	if _, done, err := dialler.Receive(withoutEnd(proof)); done || !errors.Is(err, ErrBadProof) {
		t.Errorf("the dialler takes its own proof for the acceptor's: %v, %v", done, err)
	}
}

// A secret is replaced on one server after the other, without losing a link
// that both ends can prove: every pair has a way to link, if not in both
// directions.
func TestSecretIsReplaced(t *testing.T) {
	stages := map[string][][]byte{"old": {secret}, "new, old": {newSecret, secret}, "old, new": {secret, newSecret}, "new": {newSecret}}
	for _, c := range []struct {
		dialler, acceptor string
		want              bool
	}{
		{"old", "old", true}, {"new", "new", true}, {"old", "new", false}, {"new", "old", false},
		{"old", "old, new", true}, {"old, new", "old", true},
		{"old, new", "new, old", true}, {"new, old", "old, new", true},
		{"new, old", "new", true}, {"new", "new, old", true},
		{"old", "new, old", true}, {"new, old", "old", false},
	} {
		d, a, _ := play(NewDialler(identity(t, "Farmar", stages[c.dialler]...), "Meeks", nonce(1)),
			NewAcceptor(identity(t, "Meeks", stages[c.acceptor]...), nonce(2)), untouched)
		if (d.done && a.done) != c.want {
			t.Errorf("dialler with %q, acceptor with %q: %+v, %+v", c.dialler, c.acceptor, d, a)
		}
		if !c.want && !errors.Is(a.err, ErrBadProof) {
			t.Errorf("dialler with %q, acceptor with %q: %v", c.dialler, c.acceptor, a.err)
		}
	}
}

func TestCapsAreTold(t *testing.T) {
	config := Default()
	farmar, err := config.Identity("Farmar", 1, [][]byte{secret}, "digest=65536", "heartbeat")
	if err != nil {
		t.Fatal(err)
	}
	acceptor := NewAcceptor(identity(t, "Meeks"), nonce(2))
	if d, a, transcript := play(NewDialler(farmar, "Meeks", nonce(1)), acceptor, untouched); !d.done || !a.done ||
		!strings.Contains(transcript, " 300 digest=65536,heartbeat 0000000000000001 ") {
		t.Errorf("unknown capabilities are in the way: %v %v\n%s", d.err, a.err, transcript)
	}
	hello := acceptor.Theirs()
	if !hello.Has("heartbeat") || hello.Has("digest") {
		t.Errorf("Farmar speaks %q", hello.Caps)
	}
}

func TestIdentityRefuses(t *testing.T) {
	config := Default()
	for _, c := range []struct {
		name string
		keys [][]byte
		caps []string
		want error
	}{
		{"Nobody", [][]byte{secret}, nil, ErrUnknownName},
		{"Hill", nil, nil, ErrKeyCount},
		{"Hill", [][]byte{secret, secret, secret}, nil, ErrKeyCount},
		{"Hill", [][]byte{{}}, nil, ErrShortSecret},
		{"Hill", [][]byte{secret, secret[:15]}, nil, ErrShortSecret},
		{"Hill", [][]byte{secret}, []string{""}, ErrBadCap},
		{"Hill", [][]byte{secret}, []string{"-"}, ErrBadCap},
		{"Hill", [][]byte{secret}, []string{"a,b"}, ErrBadCap},
		{"Hill", [][]byte{secret}, []string{"a b"}, ErrBadCap},
	} {
		if i, err := config.Identity(c.name, 1, c.keys, c.caps...); i != nil || !errors.Is(err, c.want) {
			t.Errorf("%s with %d keys and %q: %v", c.name, len(c.keys), c.caps, err)
		}
	}
}

func TestHelloReadsBack(t *testing.T) {
	for _, h := range []Hello{
		{Herd: "herd", From: "A", To: "B", Role: Dialler},
		{Herd: "気", From: "A", To: "B", Role: Acceptor, Future: Duration(24 * time.Hour), Caps: []string{"x", "y=1"}, Boot: 1<<64 - 1, Nonce: nonce(0xff)},
	} {
		line := h.AppendLine([]byte("before "))
		got, err := ParseHello(withoutEnd(line[len("before "):]))
		if err != nil || fmt.Sprint(got) != fmt.Sprint(h) {
			t.Errorf("%+v is read as %+v, %v", h, got, err)
		}
	}
}

func TestReasonOfOtherErrors(t *testing.T) {
	if Reason(nil) != "" || Reason(errors.New("x")) != "" || Reason(fmt.Errorf("link: %w", ErrStoreFull)) != "store_full" {
		t.Error("an error has another's reason")
	}
}
