package main

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"proxyherd/protocols"
	"proxyherd/reactor"
)

// What may be wrong with a sentence. Twisted's InvalidSentence and
// InvalidChecksum.
var (
	ErrSentence = errors.New("not an NMEA 0183 sentence: it goes $type,field,...*checksum")
	ErrChecksum = errors.New("the checksum is not that of the sentence: noise on the line")
)

// Fix is a GGA sentence. Numbers that the device left out are NaN.
type Fix struct {
	UTC       time.Duration // since midnight
	Valid     bool          // false: no position is known, and only UTC is set
	Latitude  float64       // degrees, north is positive
	Longitude float64       // degrees, east is positive
	// Satellites is how many are used, HDOP the horizontal dilution of
	// precision, Altitude metres above the sea.
	Satellites     int
	HDOP, Altitude float64
}

// PositionTime is an RMC sentence. Numbers that the device left out are NaN.
type PositionTime struct {
	UTC                 time.Time // zero if the device does not know the date
	Valid               bool      // false: no position is known, and only UTC is set
	Latitude, Longitude float64   // as in Fix
	Speed               float64   // knots
	Course              float64   // degrees from north, clockwise
}

// NMEAProtocol is what a type that embeds NMEAReceiver has: Twisted's
// handle_fix and handle_positiontime, and what was wrong with a line.
type NMEAProtocol interface {
	reactor.Protocol
	FixReceived(fix Fix)
	PositionTimeReceived(position PositionTime)
	SentenceRefused(err error)
}

// NMEAReceiver reads the sentences of a GPS device, one a line:
// twisted/protocols/gps/nmea.py:36 NMEAReceiver. It knows GGA and RMC, from any
// talker (GP, GN, ...), and leaves other types out.
type NMEAReceiver struct {
	protocols.LineReceiver
	self NMEAProtocol
}

// MakeConnection keeps the outer value, whose methods are called: this is how a
// base of one's own finds them. It panics where one is missing.
func (r *NMEAReceiver) MakeConnection(self reactor.Protocol, transport reactor.Transport) {
	r.self = self.(NMEAProtocol)
	r.Delimiter = []byte{'\n'} // CR LF on a serial line, LF in many files
	r.LineReceiver.MakeConnection(self, transport)
}

// LineReceived takes one line apart. What does not begin with $ is passed over:
// the device may have been in the middle of a sentence.
func (r *NMEAReceiver) LineReceived(line []byte) error {
	text := strings.TrimSuffix(string(line), "\r")
	if !strings.HasPrefix(text, "$") {
		return nil
	}
	if err := r.sentence(text); err != nil {
		r.self.SentenceRefused(fmt.Errorf("%.100q: %w", text, err))
	}
	return nil
}

// LineLengthExceeded drops what cannot be a sentence: those have 82 bytes.
func (r *NMEAReceiver) LineLengthExceeded([]byte) error { return nil }

func (r *NMEAReceiver) sentence(text string) error {
	fields, err := split(text)
	if err != nil {
		return err
	}
	kind := fields[0]
	switch d := (decoder{fields: fields}); {
	case len(kind) == 5 && kind[2:] == "GGA":
		if fix := d.fix(); d.err == nil {
			r.self.FixReceived(fix)
		}
		return d.err
	case len(kind) == 5 && kind[2:] == "RMC":
		if position := d.positionTime(); d.err == nil {
			r.self.PositionTimeReceived(position)
		}
		return d.err
	}
	return nil
}

// split checks the sum, which is all bytes between $ and * put together by
// exclusive or, and cuts what is between them into fields.
func split(text string) ([]string, error) {
	message, sum, found := strings.Cut(text[1:], "*")
	want, err := strconv.ParseUint(sum, 16, 8)
	if !found || len(sum) != 2 || err != nil {
		return nil, ErrSentence
	}
	var got byte
	for _, c := range []byte(message) {
		got ^= c
	}
	if got != byte(want) {
		return nil, fmt.Errorf("%w: it is %02X", ErrChecksum, got)
	}
	return strings.Split(message, ","), nil
}

// decoder reads fields by their numbers and keeps the first error.
type decoder struct {
	fields []string
	err    error
}

func (d *decoder) fix() (f Fix) {
	f.UTC = d.utc(1)
	if f.Valid = d.integer(6) > 0; f.Valid && d.err == nil {
		f.Latitude, f.Longitude = d.degrees(2, "90", "N", "S"), d.degrees(4, "180", "E", "W")
		f.Satellites, f.HDOP, f.Altitude = d.integer(7), d.number(8), d.number(9)
	}
	return f
}

func (d *decoder) positionTime() (p PositionTime) {
	if day := d.field(9); day != "" {
		date, err := time.Parse("020106", day) // years from 1969 to 2068
		d.check(err == nil, 9)
		p.UTC = date.Add(d.utc(1))
	}
	if p.Valid = d.field(2) == "A"; p.Valid && d.err == nil {
		p.Latitude, p.Longitude = d.degrees(3, "90", "N", "S"), d.degrees(5, "180", "E", "W")
		p.Speed, p.Course = d.number(7), d.number(8)
	}
	return p
}

// field is "" where there is none.
func (d *decoder) field(i int) string {
	d.check(i < len(d.fields), i)
	if d.err != nil {
		return ""
	}
	return d.fields[i]
}

func (d *decoder) check(ok bool, i int) {
	if d.err == nil && !ok {
		d.err = fmt.Errorf("%w; field %d cannot be read", ErrSentence, i)
	}
}

// number is a decimal number, NaN where the field is empty.
func (d *decoder) number(i int) float64 {
	text := d.field(i)
	if text == "" {
		return math.NaN()
	}
	v, err := strconv.ParseFloat(text, 64)
	d.check(err == nil && strings.Trim(text, "-.0123456789") == "", i) // ParseFloat knows more notations
	return v
}

func (d *decoder) integer(i int) int {
	v, err := strconv.ParseUint(d.field(i), 10, 16)
	d.check(err == nil, i)
	return int(v)
}

// utc reads hhmmss, with or without parts of a second; 0 where it is empty.
func (d *decoder) utc(i int) time.Duration {
	text := d.field(i)
	if text == "" {
		return 0
	}
	at, err := time.Parse("150405", text) // takes a fraction too
	d.check(err == nil, i)
	return at.Sub(at.Truncate(24 * time.Hour))
}

// degrees reads field i, whole degrees in as many digits as most has, and then
// minutes; the direction is in the field after it. It is between most and -most.
func (d *decoder) degrees(i int, most string, positive, negative string) float64 {
	text, direction := d.field(i), d.field(i+1)
	plain := len(text) > len(most) && strings.Trim(text, ".0123456789") == ""
	d.check(plain && (direction == positive || direction == negative), i)
	if d.err != nil {
		return 0
	}
	whole, minutes := text[:len(most)], text[len(most):]
	v, err := strconv.ParseUint(whole, 10, 8)
	m, fault := strconv.ParseFloat(minutes, 64)
	d.check(err == nil && fault == nil && m < 60 && (whole < most || whole == most && m == 0), i)
	if direction == negative {
		return -float64(v) - m/60
	}
	return float64(v) + m/60
}
