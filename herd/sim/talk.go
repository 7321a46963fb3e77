package sim

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// talk is one connection of a client's, from its beginning to its end.
type talk struct {
	client   string
	from, to time.Duration
}

// clients is how many there are at a time.
const clients = 8

// conversations draws who is connected where, and when. A client takes a new
// server every few seconds, and leaves its last in one of several ways.
func (d *drawing) conversations() {
	for c := range clients {
		name := fmt.Sprintf("c%d", c+1)
		// A connection takes a round trip, for which there is time even where it
		// is long.
		for at := d.between(0, time.Second); at < fightLength-time.Second; {
			t := talk{name, at + 200*time.Millisecond, min(at+d.between(6*time.Second, 30*time.Second), fightLength)}
			d.talks = append(d.talks, t)
			d.say(at, name, "->", d.server())
			switch d.random.IntN(10) {
			case 0:
				d.say(t.to, name, "aborts", "")
			case 1, 2: // it is left open
			default:
				d.say(t.to, name, "ends", "")
			}
			at = t.to + d.between(0, time.Second/2)
		}
	}
}

// commands draws what clients say, until that is so many commands.
func (d *drawing) commands(many int) {
	for d.said < many {
		t := pick(d.random, d.talks...)
		at := d.between(t.from, t.to)
		switch d.random.IntN(60) {
		case 0: // a burst, in one piece
			var lines strings.Builder
			for range 3 + d.random.IntN(12) {
				lines.WriteString(d.line(at) + "\n")
				d.said++
			}
			d.say(at, t.client, ">|", lines.String())
		case 1, 2, 3, 4: // a line in two pieces
			line := d.line(at) + "\n"
			half := d.random.IntN(len(line))
			d.say(at, t.client, ">|", line[:half])
			d.say(min(at+d.between(0, time.Second), t.to), t.client, ">|", line[half:])
			d.said++
		case 5: // a line without an end, right before the end of the talk
			last := t.to - time.Microsecond
			d.say(last, t.client, ">|", d.line(last))
			d.say(last, t.client, "ends", "")
		case 6: // what ends a connection
			d.say(at, t.client, ">", pick(d.random, "GET / HTTP/1.1", tooLong))
			d.said++
		default:
			d.say(at, t.client, ">", d.line(at))
			d.said++
		}
	}
}

// tooLong is a line that no server takes.
var tooLong = strings.Repeat("x", longest+1)

// told is a report, of which later ones differ little.
type told struct {
	id   string
	time time.Time
}

func (d *drawing) line(at time.Duration) string {
	switch n := d.random.IntN(100); {
	case n < 68:
		return d.report(at)
	case n < 94:
		id := pick(d.random, d.ids...)
		if d.random.IntN(12) == 0 {
			id = "nobody"
		}
		return "WHATSAT " + id + " " + pick(d.random, "0", "7.25") + " " + pick(d.random, "0", "5", "100", "101")
	}
	return pick(d.random, "", "  ", "IAMAT", "iamat id1 +1+1 1", "IAMAT id1 +91+1 1", "IAMAT id1 +1+1 -1", "IAMAT id1 +1+1 1e9",
		"IAMAT id1 .5+1 1", "IAMAT id1 +1+1 1.0123456789", "AT Farmar +0.100000000 id1 +1+1 1", "BYE done", "WHATSAT id1 five 5",
		"WHATSAT id1 5", "\xff\xfe\x01", "HELLO 1 herd Farmar Meeks dialler 300 - 0 0")
}

// report draws an IAMAT. Many are close to one that was: the same time, or one
// that is 1 ns apart, at another place or server.
func (d *drawing) report(at time.Duration) string {
	t := told{pick(d.random, d.ids...), start.Add(at)}
	if len(d.told) > 0 && d.random.IntN(3) == 0 {
		t = pick(d.random, d.told...)
		t.time = t.time.Add(time.Duration(d.random.IntN(3) - 1))
	} else {
		t.time = t.time.Add(d.clientClock())
	}
	if t.time.Unix() < 0 {
		t.time = time.Unix(0, 0)
	}
	d.told = append(d.told, t)
	d.text = append(append(append(d.text[:0], "IAMAT "...), t.id...), ' ')
	decimals := 0
	if d.random.IntN(3) == 0 {
		decimals = 6
	}
	d.text = appendDegrees(d.text, d.random.Float64()*180-90, decimals)
	d.text = appendDegrees(d.text, d.random.Float64()*360-180, decimals)
	d.text = d.appendTime(append(d.text, ' '), t.time)
	return string(d.text)
}

func appendDegrees(text []byte, degrees float64, decimals int) []byte {
	if degrees >= 0 {
		text = append(text, '+')
	}
	return strconv.AppendFloat(text, degrees, 'f', decimals, 64)
}

// clientClock is how far a client's clock is ahead.
func (d *drawing) clientClock() time.Duration {
	const second = time.Second
	return pick(d.random, time.Duration(0), 0, 0, 0, -1, 1, -3*second, 3*second, -240*second, 240*second, 299*second, 300*second, 301*second,
		3600*second, 365*24*3600*second, -30*365*24*3600*second)
}

// appendTime writes a time in one of its ways.
func (d *drawing) appendTime(text []byte, t time.Time) []byte {
	text = strconv.AppendInt(text, t.Unix(), 10)
	way := d.random.IntN(8)
	if way == 0 {
		return text
	}
	// A 1 before the nanoseconds keeps their zeros; the point takes its place.
	point := len(text)
	text = strconv.AppendInt(text, int64(1e9+t.Nanosecond()), 10)
	text[point] = '.'
	if way == 1 {
		text = bytes.TrimSuffix(bytes.TrimRight(text, "0"), []byte{'.'})
	}
	return text
}
