package herd

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// HandshakeVersion is the version of the protocol between servers that this
// package speaks.
const HandshakeVersion = 1

// MaxHandshakeLine is the longest line of a handshake, in bytes, without its
// end: who has proved nothing yet may not fill our memory.
const MaxHandshakeLine = 4096

// usualHello is room for most HELLOs, in bytes.
const usualHello = 256

// Role is what a server is on one link: it dialled, or it was dialled.
type Role string

// The two roles, as they stand in a HELLO.
const (
	Dialler  Role = "dialler"
	Acceptor Role = "acceptor"
)

// Nonce is 32 random bytes, new for each connection, so that a proof holds for
// one connection only.
type Nonce [32]byte

// String returns n as it stands in a HELLO: 64 hex digits.
func (n Nonce) String() string { return hex.EncodeToString(n[:]) }

// Boot is 64 random bits, new for each start of a server: it tells two links to
// one process from links to two processes of one name.
type Boot uint64

// String returns b as it stands in a HELLO: 16 hex digits.
func (b Boot) String() string { return string(b.appendText(make([]byte, 0, 16))) }

func (b Boot) appendText(dst []byte) []byte {
	var raw [8]byte
	binary.BigEndian.PutUint64(raw[:], uint64(b))
	return hex.AppendEncode(dst, raw[:])
}

// Hello is what a server says about itself when a link opens.
type Hello struct {
	Herd     string // the herd's name
	From, To string // names of servers
	Role     Role   // of From
	Future   Duration
	Caps     []string // what else From speaks, in the order it was said
	Boot     Boot
	Nonce    Nonce
}

// helloFields is how many fields a HELLO has, which is as many as any line between
// servers has.
const helloFields = 10

// noCaps stands in a HELLO for an empty list.
const noCaps = "-"

// AppendLine appends the HELLO line, with its end:
//
//	HELLO 1 <herd> <from> <to> <dialler|acceptor> <future, in seconds> <caps, by commas, or -> <boot> <nonce>
func (h *Hello) AppendLine(dst []byte) []byte {
	dst = strconv.AppendInt(append(dst, "HELLO "...), HandshakeVersion, 10)
	for _, name := range [...]string{h.Herd, h.From, h.To, string(h.Role)} {
		dst = append(append(dst, ' '), name...)
	}
	seconds, _ := h.Future.wholeSeconds()
	dst = strconv.AppendInt(append(dst, ' '), seconds, 10)
	dst = h.appendCaps(append(dst, ' '))
	dst = h.Boot.appendText(append(dst, ' '))
	dst = hex.AppendEncode(append(dst, ' '), h.Nonce[:])
	return append(dst, '\n')
}

func (h *Hello) appendCaps(dst []byte) []byte {
	if len(h.Caps) == 0 {
		return append(dst, noCaps...)
	}
	for i, c := range h.Caps {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, c...)
	}
	return dst
}

// Has reports whether the server that said h speaks the named extension.
func (h *Hello) Has(capability string) bool { return slices.Contains(h.Caps, capability) }

// ParseHello reads a HELLO line, given without its end. The error wraps
// ErrNotHello, ErrWrongVersion or ErrBadHello. Another version is found before
// anything else is looked at: what follows it is for that version to say.
func ParseHello(line []byte) (Hello, error) {
	fields := splitFields(line)
	if len(fields) == 0 || fields[0] != "HELLO" {
		return Hello{}, fmt.Errorf("%w: %s", ErrNotHello, quote(line))
	}
	if len(fields) > 1 && fields[1] != strconv.Itoa(HandshakeVersion) {
		return Hello{}, fmt.Errorf("%w: theirs is %s, ours %d", ErrWrongVersion, quote(fields[1]), HandshakeVersion)
	}
	if len(fields) != helloFields {
		return Hello{}, fmt.Errorf("%w: it has %d fields, and needs %d", ErrBadHello, len(fields), helloFields)
	}
	h := Hello{Herd: fields[2], From: fields[3], To: fields[4]}
	for i, part := range helloParts {
		if text := fields[5+i]; !part.read(&h, text) {
			return Hello{}, fmt.Errorf("%w: its %s is %s", ErrBadHello, part.name, quote(text))
		}
	}
	return h, nil
}

// helloParts are the last fields of a HELLO.
var helloParts = [...]struct {
	name string
	read func(h *Hello, text string) bool
}{
	{"role", (*Hello).readRole},
	{"future", (*Hello).readFuture},
	{"list of capabilities", (*Hello).readCaps},
	{"boot", (*Hello).readBoot},
	{"nonce", (*Hello).readNonce},
}

func (h *Hello) readRole(text string) bool {
	h.Role = Role(text)
	return h.Role == Dialler || h.Role == Acceptor
}

// readFuture reads whole seconds. One text per value, here and below, so that
// what was said can be shown again from what was read.
func (h *Hello) readFuture(text string) bool {
	const most = int64(maxFuture / Duration(time.Second))
	seconds, err := strconv.ParseInt(text, 10, 64)
	h.Future = Duration(seconds) * Duration(time.Second)
	return err == nil && seconds >= 0 && seconds <= most && strconv.FormatInt(seconds, 10) == text
}

func (h *Hello) readCaps(text string) bool {
	if text != noCaps {
		h.Caps = strings.Split(text, ",")
	}
	return !slices.ContainsFunc(h.Caps, func(c string) bool { return !validCap(c) })
}

func (h *Hello) readBoot(text string) bool {
	boot, err := strconv.ParseUint(text, 16, 64)
	h.Boot = Boot(boot)
	return err == nil && isHex(text, 8)
}

func (h *Hello) readNonce(text string) bool {
	if !isHex(text, len(h.Nonce)) {
		return false
	}
	_, err := hex.Decode(h.Nonce[:], []byte(text))
	return err == nil
}

// isHex reports whether text is so many bytes in hex as this package writes it.
func isHex(text string, size int) bool {
	for i := range len(text) {
		if c := text[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return len(text) == hex.EncodedLen(size)
}

// validCap reports whether c can stand in a list of capabilities.
func validCap(c string) bool {
	return c != "" && c != noCaps && !strings.Contains(c, ",") && !hasSpaceOrControl(c)
}

// splitFields returns the fields of a line that comes too seldom to be worth
// views.
func splitFields(line []byte) []string { return appendFields(make([]string, 0, helloFields), line) }

// appendFields is apart, so that splitFields is part of its callers and needs no memory
// for the list.
func appendFields(fields []string, line []byte) []string {
	text := string(line)
	for field, rest := cutField(line); len(field) > 0; field, rest = cutField(rest) {
		end := len(line) - len(rest)
		fields = append(fields, text[end-len(field):end])
	}
	return fields
}
