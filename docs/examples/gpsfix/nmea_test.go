package main

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"proxyherd/reactor/reactortest"
)

// listener is an NMEAReceiver that keeps everything.
type listener struct {
	NMEAReceiver
	fixes     []Fix
	positions []PositionTime
	refused   []error
}

func (l *listener) FixReceived(f Fix)                   { l.fixes = append(l.fixes, f) }
func (l *listener) PositionTimeReceived(p PositionTime) { l.positions = append(l.positions, p) }
func (l *listener) SentenceRefused(err error)           { l.refused = append(l.refused, err) }

// hear gives a new listener the text.
func hear(t *testing.T, text string) *listener {
	t.Helper()
	l := &listener{}
	l.MakeConnection(l, &reactortest.StringTransport{})
	if err := l.DataReceived(l, []byte(text)); err != nil {
		t.Fatal(err)
	}
	return l
}

// sentence puts the $ and the right checksum around a message.
func sentence(message string) string {
	var sum byte
	for _, c := range []byte(message) {
		sum ^= c
	}
	return fmt.Sprintf("$%s*%02X\r\n", message, sum)
}

// The two sentences that every text on NMEA 0183 shows, with their checksums.
const (
	gga = "$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47\r\n"
	rmc = "$GPRMC,123519,A,4807.038,N,01131.000,E,022.4,084.4,230394,003.1,W*6A\r\n"
)

func near(got, want float64) bool { return math.Abs(got-want) < 1e-9 }

func TestFix(t *testing.T) {
	l := hear(t, gga)
	if len(l.fixes) != 1 || len(l.refused) != 0 {
		t.Fatalf("%d fixes, %v", len(l.fixes), l.refused)
	}
	f := l.fixes[0]
	if f.UTC != 12*time.Hour+35*time.Minute+19*time.Second || !f.Valid || f.Satellites != 8 || f.HDOP != 0.9 || f.Altitude != 545.4 ||
		!near(f.Latitude, 48+7.038/60) || !near(f.Longitude, 11+31.0/60) {
		t.Errorf("%+v", f)
	}
}

func TestPositionTime(t *testing.T) {
	l := hear(t, rmc)
	if len(l.positions) != 1 || len(l.refused) != 0 {
		t.Fatalf("%d positions, %v", len(l.positions), l.refused)
	}
	p := l.positions[0]
	if !p.UTC.Equal(time.Date(1994, 3, 23, 12, 35, 19, 0, time.UTC)) || !p.Valid || p.Speed != 22.4 || p.Course != 84.4 ||
		!near(p.Latitude, 48+7.038/60) || !near(p.Longitude, 11+31.0/60) {
		t.Errorf("%+v", p)
	}
}

// What devices leave out, and what they add.
func TestWhatDevicesSend(t *testing.T) {
	l := hear(t, sentence("GNGGA,000000.50,0000.000,S,17959.400,W,2,12,,,M,,M,,")+ // another talker, parts of a second, no HDOP
		sentence("GPGGA,235959,,,,,0,00,,,M,,M,,")+ // no position
		sentence("GPRMC,010203.25,A,8959.9999,S,18000.0,E,,,311268,,,A")+ // standing still, with a mode
		sentence("GPRMC,,V,,,,,,,,,,N")+ // just switched on
		sentence("GPGSV,1,1,00")+ // another sentence
		"7.038,N,01131.000,E,1,08*47\r\n"+ // the end of one
		strings.ReplaceAll(gga, "\r", "")) // a file with plain line ends
	if len(l.refused) != 0 || len(l.fixes) != 3 || len(l.positions) != 2 {
		t.Fatalf("%d fixes, %d positions, refused %v", len(l.fixes), len(l.positions), l.refused)
	}
	if f := l.fixes[0]; f.UTC != 500*time.Millisecond || f.Latitude != 0 || !near(f.Longitude, -(179+59.4/60)) || f.Satellites != 12 ||
		!math.IsNaN(f.HDOP) || !math.IsNaN(f.Altitude) {
		t.Errorf("%+v", f)
	}
	if f := l.fixes[1]; f != (Fix{UTC: 24*time.Hour - time.Second}) {
		t.Errorf("%+v", f)
	}
	if p := l.positions[0]; !p.UTC.Equal(time.Date(2068, 12, 31, 1, 2, 3, 250e6, time.UTC)) || !near(p.Latitude, -(89+59.9999/60)) ||
		p.Longitude != 180 || !math.IsNaN(p.Speed) || !math.IsNaN(p.Course) {
		t.Errorf("%+v", p)
	}
	if p := l.positions[1]; p != (PositionTime{}) {
		t.Errorf("%+v", p)
	}
}

// Whatever is wrong with a sentence, it is refused, and the next is read.
func TestRefused(t *testing.T) {
	checked := 0
	for _, c := range []struct {
		text string
		want error
	}{
		{strings.Replace(gga, "545.4", "545.5", 1), ErrChecksum},
		{"$GPGGA,123519\r\n", ErrSentence},
		{"$GPGGA*7\r\n", ErrSentence},
		{"$GPGGA*+7\r\n", ErrSentence},
		{"$GPGGA*5G\r\n", ErrSentence},
		{"$\r\n", ErrSentence},
		{sentence("GPGGA"), ErrSentence},
		{sentence("GPGGA,123519,4807.038,N,01131.000,E,1,08"), ErrSentence},
		{sentence("GPGGA,246060,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,"), ErrSentence},
		{sentence("GPGGA,123519,4860.000,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,"), ErrSentence},
		{sentence("GPGGA,123519,9000.001,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,"), ErrSentence},
		{sentence("GPGGA,123519,4807.038,N,18100.000,E,1,08,0.9,545.4,M,46.9,M,,"), ErrSentence},
		{sentence("GPGGA,123519,4807.038,E,01131.000,N,1,08,0.9,545.4,M,46.9,M,,"), ErrSentence},
		{sentence("GPGGA,123519,4807.038,N,1131.0.00,E,1,08,0.9,545.4,M,46.9,M,,"), ErrSentence},
		{sentence("GPGGA,123519,-807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,"), ErrSentence},
		{sentence("GPGGA,123519,4807.038,N,01131.000,E,1,-8,0.9,545.4,M,46.9,M,,"), ErrSentence},
		{sentence("GPGGA,123519,4807.038,N,01131.000,E,1,08,1e9,545.4,M,46.9,M,,"), ErrSentence},
		{sentence("GPGGA,123519,4807.038,N,01131.000,E,x,08,0.9,545.4,M,46.9,M,,"), ErrSentence},
		{sentence("GPRMC,123519,A,4807.038,N,01131.000,E,nan,084.4,230394,003.1,W"), ErrSentence},
		{sentence("GPRMC,123519,A,4807.038,N,01131.000,E,022.4,084.4,310294,003.1,W"), ErrSentence},
		{sentence("GPRMC,123519,A,,,,,022.4,084.4,230394,003.1,W"), ErrSentence},
		{sentence("GPRMC,123519,A"), ErrSentence},
	} {
		l := hear(t, c.text+gga)
		if len(l.refused) != 1 || !errors.Is(l.refused[0], c.want) || len(l.fixes) != 1 || len(l.positions) != 0 {
			t.Errorf("%q: refused %v, %d fixes", c.text, l.refused, len(l.fixes))
		}
		checked++
	}
	if checked != 22 {
		t.Errorf("%d sentences", checked)
	}
}

// A line that does not end is dropped, however long it gets, and costs no
// connection.
func TestNoiseWithoutAnEnd(t *testing.T) {
	l := hear(t, strings.Repeat("\xff", 100_000))
	if err := l.DataReceived(l, []byte("\n"+gga)); err != nil || len(l.fixes) != 1 || l.Transport.Disconnecting() {
		t.Errorf("%v, %d fixes, closing: %v", err, len(l.fixes), l.Transport.Disconnecting())
	}
}

// A type that lacks a method is found when it is connected.
func TestAMethodThatIsMissing(t *testing.T) {
	defer func() {
		if got := fmt.Sprint(recover()); !strings.Contains(got, "FixReceived") {
			t.Errorf("panicked with %s", got)
		}
	}()
	var lacking struct{ NMEAReceiver }
	lacking.MakeConnection(&lacking, &reactortest.StringTransport{})
}
