package herd

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"slices"
	"time"
)

// HandshakeTimeout is how long two servers may take from the connection to the
// second proof.
const HandshakeTimeout = 2 * time.Second

// Why a handshake fails. Each is found wrapped with what both sides said, and
// Reason knows its short name.
var (
	ErrHandshakeTooLong = newReason("line_too_long", "the line is longer than any of a handshake")
	ErrNotHello         = newReason("not_hello", "the first line is not a HELLO")
	ErrBadHello         = newReason("bad_hello", "the HELLO cannot be read")
	ErrWrongVersion     = newReason("wrong_version", "the versions of the protocol differ")
	ErrWrongHerd        = newReason("wrong_herd", "the names of the herds differ")
	ErrWrongRecipient   = newReason("wrong_recipient", "the HELLO is for another server")
	ErrUnknownPeer      = newReason("unknown_peer", "the server is not in our talks_to")
	ErrWrongPeer        = newReason("wrong_peer", "another server answers than the one that was dialled")
	ErrWrongRole        = newReason("wrong_role", "the two ends have the same role")
	ErrWrongFuture      = newReason("wrong_future", "the values of future differ")
	ErrWrongRoom        = newReason("wrong_room", "the values of limits.records or limits.record_bytes differ")
	ErrWrongMAC         = newReason("wrong_link_mac", "one end wants link_mac and the other does not")
	ErrOwnNonce         = newReason("own_nonce", "the other end sent our own nonce back")
	ErrNotProve         = newReason("not_prove", "the second line is not a PROVE")
	ErrBadProof         = newReason("bad_proof", "the proof is wrong: the other end has not our secret")
	ErrRefused          = newReason("refused", "the other end refused the link")
	ErrHandshakeOver    = newReason("handshake_over", "the handshake is over")
)

// Handshake is one end of a link that is opening. Before it is done, the other
// end is nobody: nothing it says but the handshake's own lines may be heeded.
//
// The dialler says HELLO, the acceptor answers with its own; the dialler says
// PROVE, and the acceptor, once that proof holds, with its own. So a server that
// has not the secret learns no proof from a server that it dials.
//
// NewDialler and NewAcceptor make one. It is for one goroutine at a time.
type Handshake struct {
	identity *Identity
	mine     Hello
	theirs   Hello
	dialler  []byte // the two HELLO lines, without their ends, as they were sent
	acceptor []byte
	key      int                                                   // that the other end has proved to have: one of the identity's
	keyed    hash.Hash                                             // an HMAC with the key keyedBy, kept as there is mostly one; nil before
	keyedBy  int                                                   // one of the identity's
	text     []byte                                                // what a proof is over, and then the proof, in a buffer that is used again
	receive  func(line []byte) (send []byte, done bool, err error) // what the next line must be
}

// NewDialler returns the end of the server that dials, and whom it dialled.
func NewDialler(identity *Identity, to string, nonce Nonce) *Handshake {
	return newHandshake(identity, Dialler, to, nonce)
}

// NewAcceptor returns the end of the server that was dialled.
func NewAcceptor(identity *Identity, nonce Nonce) *Handshake {
	return newHandshake(identity, Acceptor, "", nonce)
}

func newHandshake(i *Identity, role Role, to string, nonce Nonce) *Handshake {
	h := &Handshake{identity: i, mine: Hello{
		Herd: i.herd, From: i.name, To: to, Role: role, Future: i.future, Caps: i.caps, Boot: i.boot, Nonce: nonce,
	}}
	h.receive = h.hello
	return h
}

// Start returns what this end says first: a line with its end, or nil for the
// acceptor, who waits. Call it once, before Receive. The caller owns it.
func (h *Handshake) Start() []byte {
	if h.mine.Role == Acceptor {
		return nil
	}
	line := h.mine.AppendLine(make([]byte, 0, usualHello))
	h.dialler = slices.Clone(withoutEnd(line))
	return line
}

// Receive takes a line of the other end, without its line end (LF or CRLF), and
// returns the line to send it, with its end, or nil. Once done, the link is
// open; what done came with is sent first. On an error, what is to be sent tells
// the other end why, for its log; then the connection is closed. Afterwards
// Receive returns only ErrHandshakeOver. The caller owns send.
func (h *Handshake) Receive(line []byte) (send []byte, done bool, err error) {
	if len(line) > MaxHandshakeLine {
		h.receive = over
		return nil, false, fmt.Errorf("%w: it has %d bytes, and %d are allowed", ErrHandshakeTooLong, len(line), MaxHandshakeLine)
	}
	send, done, err = h.receive(line)
	if done || err != nil {
		h.receive = over
	}
	return send, done, err
}

// Theirs returns what the other end said about itself. It is proved only once
// Receive has returned done.
func (h *Handshake) Theirs() Hello { return h.theirs }

func over([]byte) ([]byte, bool, error) { return nil, false, ErrHandshakeOver }

// hello takes the first line.
func (h *Handshake) hello(line []byte) (send []byte, done bool, err error) {
	if err := refused(line); err != nil {
		return nil, false, err
	}
	if h.theirs, err = ParseHello(line); err == nil {
		err = h.check()
	}
	if err != nil {
		return refusal(err), false, err
	}
	h.receive = h.prove
	if h.mine.Role == Dialler {
		h.acceptor = slices.Clone(line)
		return h.proof(Dialler, 0), false, nil
	}
	h.dialler = slices.Clone(line)
	h.mine.To = h.theirs.From
	send = h.mine.AppendLine(make([]byte, 0, usualHello))
	h.acceptor = slices.Clone(withoutEnd(send))
	return send, false, nil
}

// check compares what the other end says with what this one expects.
func (h *Handshake) check() error {
	theirs, mine := &h.theirs, &h.mine
	switch {
	case theirs.Herd != mine.Herd:
		return fmt.Errorf("%w: theirs is %s, ours %q", ErrWrongHerd, quote(theirs.Herd), mine.Herd)
	case theirs.Role == mine.Role:
		return fmt.Errorf("%w: %s", ErrWrongRole, mine.Role)
	case theirs.To != mine.From:
		return fmt.Errorf("%w: it is for %s, and this is %q", ErrWrongRecipient, quote(theirs.To), mine.From)
	case mine.Role == Dialler && theirs.From != mine.To:
		return fmt.Errorf("%w: it is %s, and %q was dialled", ErrWrongPeer, quote(theirs.From), mine.To)
	case !slices.Contains(h.identity.neighbours, theirs.From):
		return fmt.Errorf("%w: it is %s, and %q talks to %q", ErrUnknownPeer, quote(theirs.From), mine.From, h.identity.neighbours)
	case theirs.Future != mine.Future:
		return fmt.Errorf("%w: theirs is %v, ours %v", ErrWrongFuture, theirs.Future, mine.Future)
	case theirs.Nonce == mine.Nonce:
		return fmt.Errorf("%w: %v", ErrOwnNonce, mine.Nonce)
	case theirs.Has(capMAC) != mine.Has(capMAC):
		return fmt.Errorf("%w: set link_mac alike in both configs", ErrWrongMAC)
	}
	return h.checkRoom()
}

// checkRoom compares how much the two stores may hold: what one server took from
// its clients, its neighbour must be able to take from it. A server that says
// nothing about it is one that takes everything.
func (h *Handshake) checkRoom() error {
	theirs, said := h.theirs.value(capRoom)
	if mine, known := h.mine.value(capRoom); said && known && theirs != mine {
		return fmt.Errorf("%w: theirs are %s, ours %s", ErrWrongRoom, quote(theirs), mine)
	}
	return nil
}

// Terms returns what both ends speak. It is agreed on only once Receive has
// returned done.
func (h *Handshake) Terms() Terms { return termsOf(&h.mine, &h.theirs) }

// Seals returns what proves the lines that this end sends, and what checks those
// of the other, for a link on which Terms has MAC. Call it once Receive has
// returned done.
func (h *Handshake) Seals() (mine, theirs *Seal) {
	return newSeal(h.mac("mac "+h.mine.Role, h.key)), newSeal(h.mac("mac "+h.theirs.Role, h.key))
}

// prove takes the second line, and as the acceptor answers it.
func (h *Handshake) prove(line []byte) (send []byte, done bool, err error) {
	if err := refused(line); err != nil {
		return nil, false, err
	}
	key, err := h.verify(line)
	if err != nil {
		return refusal(err), false, err
	}
	h.key = key
	if h.mine.Role == Dialler {
		return nil, true, nil
	}
	// Answered with the key that the dialler has: it may not know the other yet.
	return h.proof(Acceptor, key), true, nil
}

// verify returns the key that the other end has proved to have.
func (h *Handshake) verify(line []byte) (key int, err error) {
	var fields [2][]byte
	if _, ok := cutFields(line, fields[:]); !ok || string(fields[0]) != "PROVE" {
		return 0, fmt.Errorf("%w: %s", ErrNotProve, quote(line))
	}
	proof, err := hex.AppendDecode(nil, fields[1])
	if err != nil {
		return 0, fmt.Errorf("%w: %s is not hex", ErrBadProof, quote(fields[1]))
	}
	for k := range h.identity.keys {
		// Equal takes the same time wherever the two differ.
		if hmac.Equal(proof, h.mac(h.theirs.Role, k)) {
			return k, nil
		}
	}
	return 0, fmt.Errorf("%w: %s says it is %s", ErrBadProof, h.theirs.Role, quote(h.theirs.From))
}

func (h *Handshake) proof(role Role, key int) []byte {
	line := append(make([]byte, 0, len("PROVE ")+2*sha256.Size+1), "PROVE "...)
	return append(hex.AppendEncode(line, h.mac(role, key)), '\n')
}

// mac is over both HELLOs, and so over both nonces and names, and over the role
// of who proves: no end can be made to answer with a proof that serves another. It
// is good until the next.
func (h *Handshake) mac(role Role, key int) []byte {
	if h.keyed == nil || key != h.keyedBy {
		h.keyed, h.keyedBy = h.identity.hmac(key), key
	} else {
		h.keyed.Reset()
	}
	h.text = append(append(h.text[:0], role...), '\n')
	h.text = append(append(h.text, h.dialler...), '\n')
	h.text = append(h.text, h.acceptor...)
	h.keyed.Write(h.text)
	h.text = h.keyed.Sum(h.text[:0])
	return h.text
}
