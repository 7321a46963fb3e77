package herd

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// Each end of a link on which both speak heartbeats sends one when the link
// opens and every BeatEvery. One that has heard nothing for SilenceMost, neither
// heartbeat nor anything else, takes the link for lost.
const (
	BeatEvery   = 2 * time.Second
	SilenceMost = 6 * time.Second
)

// ErrSilent ends a link whose other end has said nothing for SilenceMost.
var ErrSilent = newReason("silent", "the neighbour has said nothing for too long")

// ErrBadBeat says that a BEAT line cannot be read; it is dropped.
var ErrBadBeat = newReason("bad_beat", "the BEAT line cannot be read")

// Beat is a heartbeat:
//
//	BEAT <time> <records> <root> <echo> <held>
//
// Time, echo and held are seconds with nine decimals, the root is 16 hex digits.
// Echo is the time of the newest heartbeat that came from the other end, and
// held is how long ago it came; before one has come, both are "-". So each end
// learns what a round trip takes, and how far the two clocks are apart.
type Beat struct {
	Time    Timestamp // the sender's clock
	Records uint64
	Root    uint64 // digest of all records
	Echoes  bool   // there is an echo
	Echo    Timestamp
	Held    Timestamp
}

const beatVerb = "BEAT"

// AppendLine appends the BEAT line with its end.
func (b *Beat) AppendLine(dst []byte) []byte {
	dst = append(dst, beatVerb...)
	dst = b.Time.appendText(append(dst, ' '))
	dst = strconv.AppendUint(append(dst, ' '), b.Records, 10)
	root := binary.BigEndian.AppendUint64(make([]byte, 0, 8), b.Root)
	dst = hex.AppendEncode(append(dst, ' '), root)
	if !b.Echoes {
		return append(dst, " - -\n"...)
	}
	dst = b.Echo.appendText(append(dst, ' '))
	dst = b.Held.appendText(append(dst, ' '))
	return append(dst, '\n')
}

// appendText appends a time at or after 1970, or a length of time, in decimal.
func (t Timestamp) appendText(dst []byte) []byte {
	dst = strconv.AppendInt(dst, t.Sec, 10)
	// A 1 before the nanoseconds keeps their zeros; the point takes its place.
	point := len(dst)
	dst = strconv.AppendInt(dst, nanosPerSecond+int64(t.Nsec), 10)
	dst[point] = '.'
	return dst
}

// ParseBeat reads a BEAT line, given without its end. The error wraps ErrBadBeat.
func ParseBeat(line []byte) (b Beat, err error) {
	var fields [6][]byte
	if _, whole := cutFields(line, fields[:]); !whole || string(fields[0]) != beatVerb {
		return Beat{}, fmt.Errorf("%w: %s", ErrBadBeat, quote(line))
	}
	var ok [4]bool
	b.Time, ok[0] = ParseTimestamp(fields[1])
	b.Records, err = strconv.ParseUint(string(fields[2]), 10, 64)
	b.Root, ok[1] = parseRoot(fields[3])
	if b.Echoes = string(fields[4]) != "-"; b.Echoes {
		b.Echo, ok[2] = ParseTimestamp(fields[4])
		b.Held, ok[3] = ParseTimestamp(fields[5])
	} else {
		ok[2], ok[3] = true, string(fields[5]) == "-"
	}
	if err != nil || ok != [4]bool{true, true, true, true} {
		return Beat{}, fmt.Errorf("%w: %s", ErrBadBeat, quote(line))
	}
	return b, nil
}

// parseRoot reads the 16 hex digits of a digest.
func parseRoot(text []byte) (root uint64, ok bool) {
	var raw [8]byte
	if len(text) != hex.EncodedLen(len(raw)) {
		return 0, false
	}
	_, err := hex.Decode(raw[:], text)
	return binary.BigEndian.Uint64(raw[:]), err == nil
}

// Pulse is the heartbeats of one link, as one of its ends knows them. The zero
// Pulse is that of a link that has just opened.
type Pulse struct {
	// RoundTrip is what the last echo took, and Clock how far the neighbour's
	// clock is ahead of this server's by it; both mean nothing before Known.
	RoundTrip Timestamp
	Clock     Timestamp
	Known     bool

	last    Beat // of the neighbour
	at      Timestamp
	heard   bool
	alarmed bool
}

// Next returns the heartbeat to send at the time now.
func (p *Pulse) Next(s Holdings, now Timestamp) Beat {
	b := Beat{Time: now, Records: uint64(s.Len()), Root: s.Root()}
	if p.heard && now.Cmp(p.at) >= 0 {
		b.Echoes, b.Echo, b.Held = true, p.last.Time, now.Sub(p.at)
	}
	return b
}

// ErrClocksApart says that two servers' clocks are further apart than half of
// the herd's future: a client whose clock is right may then seem ahead. The link
// stays.
var ErrClocksApart = errors.New("the servers' clocks are too far apart")

// Heard takes a neighbour's heartbeat that came at the time now. The error wraps
// ErrClocksApart, once until the clocks have come together again, and is for the
// log.
func (p *Pulse) Heard(b Beat, now Timestamp, future time.Duration) error {
	p.last, p.at, p.heard = b, now, true
	if !b.Echoes {
		return nil
	}
	trip := now.Sub(b.Echo).Sub(b.Held)
	if trip.Sec < 0 || trip.Sec > 60 {
		return nil // a clock was set meanwhile: the next echo will tell
	}
	// Half of the way back, as nobody knows better.
	p.RoundTrip, p.Known = trip, true
	p.Clock = b.Time.Add(fromDuration(trip.duration() / 2)).Sub(now)
	apart := p.Clock.Cmp(fromDuration(future/2)) > 0 || p.Clock.Cmp(fromDuration(-future/2)) < 0
	first := apart && !p.alarmed
	p.alarmed = apart
	if first {
		return fmt.Errorf("%w: the neighbour's is %.3f s ahead, and limits of %v are built on it", ErrClocksApart, p.Clock.Seconds(), future)
	}
	return nil
}

// duration is t as a Duration; t must be within 292 years.
func (t Timestamp) duration() time.Duration {
	return time.Duration(t.Sec)*time.Second + time.Duration(t.Nsec)
}

// Seconds returns t as a floating-point number, for people to read.
func (t Timestamp) Seconds() float64 { return float64(t.Sec) + float64(t.Nsec)/nanosPerSecond }
