package herd

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"strconv"
)

// Why a link is closed whose lines must be proved.
var (
	ErrBadMAC   = newReason("bad_mac", "the MAC line does not prove the lines before it")
	ErrUnsealed = newReason("unsealed", "too much came without a MAC line")
)

// SealEvery is the most bytes of lines that one MAC line may prove: the other
// end keeps them until it comes. A line that is longer stands alone.
const SealEvery = 64 << 10

// macVerb is the first word of a MAC line.
const macVerb = "MAC"

// Seal proves what travels on a link in one direction. The sender gives it every
// line that it sends and, at the latest after SealEvery bytes, sends
//
//	MAC <number> <HMAC-SHA256 in hex>
//
// over the number, from 1, and the lines since the last MAC line. The receiver
// gives it every line that comes and heeds none before its MAC line has come. So
// nobody between the two can add, change, drop, repeat or reorder a line.
//
// Handshake.Seals makes one, for one connection and one direction. It is for one
// goroutine at a time.
type Seal struct {
	mac    hash.Hash
	number uint64
	size   int    // bytes since the last MAC line
	text   []byte // a number or a sum, in a buffer that is used again
}

func newSeal(key []byte) *Seal {
	s := &Seal{mac: hmac.New(sha256.New, key)}
	s.begin()
	return s
}

// begin starts the next MAC with its number.
func (s *Seal) begin() {
	s.number++
	s.size = 0
	s.mac.Reset()
	s.text = append(strconv.AppendUint(s.text[:0], s.number, 10), '\n')
	s.mac.Write(s.text)
}

// Add takes a line, with its line end LF.
func (s *Seal) Add(line []byte) {
	s.mac.Write(line)
	s.size += len(line)
}

// Open returns how many bytes of lines no MAC line has proved yet.
func (s *Seal) Open() int { return s.size }

// AppendMAC appends the MAC line, with its end, for the lines since the last.
func (s *Seal) AppendMAC(dst []byte) []byte {
	dst = append(append(dst, macVerb...), ' ')
	dst = append(strconv.AppendUint(dst, s.number, 10), ' ')
	s.text = s.mac.Sum(s.text[:0])
	dst = append(hex.AppendEncode(dst, s.text), '\n')
	s.begin()
	return dst
}

// Check takes a line of the other end, without its line end, and reports whether
// it is a MAC line. The error wraps ErrBadMAC: the link is to be closed, and none
// of the lines since the last MAC line may be heeded.
func (s *Seal) Check(line []byte) (isMAC bool, err error) {
	verb, rest := cutField(line)
	if string(verb) != macVerb {
		return false, nil
	}
	number, rest := cutField(rest)
	sum, rest := cutField(rest)
	surplus, _ := cutField(rest)
	if len(surplus) > 0 || string(number) != strconv.FormatUint(s.number, 10) || !s.proves(sum) {
		return true, fmt.Errorf("%w: number %s, %d lines' bytes before it, and number %d was due", ErrBadMAC, quote(number), s.size, s.number)
	}
	s.begin()
	return true, nil
}

// proves reports whether sum is that of the lines since the last MAC line, in hex.
func (s *Seal) proves(sum []byte) bool {
	var proof [sha256.Size]byte
	if len(sum) != hex.EncodedLen(len(proof)) {
		return false
	}
	_, err := hex.Decode(proof[:], sum)
	s.text = s.mac.Sum(s.text[:0])
	return err == nil && hmac.Equal(proof[:], s.text)
}
