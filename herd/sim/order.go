package sim

import (
	"strings"
)

// report is an AT line in its fields. The order of reports is written here a
// second time, from the protocol's text and not from package herd's code, so that
// a mistake there is noticed.
type report struct {
	line                             string // without its end
	server, difference, id, location string
	time                             string
	effective, client, received      moment // received is by the server's clock
	valid                            bool   // it is an AT line
}

// moment is seconds and nanoseconds, the latter from 0 to 999,999,999.
type moment struct{ seconds, nanos int64 }

func (m moment) plus(o moment) moment {
	sum := moment{m.seconds + o.seconds, m.nanos + o.nanos}
	if sum.nanos >= 1e9 {
		sum = moment{sum.seconds + 1, sum.nanos - 1e9}
	}
	return sum
}

func (m moment) minus() moment {
	if m.nanos == 0 {
		return moment{-m.seconds, 0}
	}
	return moment{-m.seconds - 1, 1e9 - m.nanos}
}

func (m moment) compare(o moment) int {
	switch {
	case m == o:
		return 0
	case m.seconds < o.seconds || m.seconds == o.seconds && m.nanos < o.nanos:
		return -1
	}
	return 1
}

// parseReport reads an AT line, without its end, of a herd with this future in
// seconds. ok is false if it is none.
func parseReport(line string, future int64) (r report, ok bool) {
	rest, ok := strings.CutPrefix(line, "AT ")
	if !ok || strings.Count(rest, " ") != 4 {
		return report{}, false
	}
	r.line = line
	r.server, rest, _ = strings.Cut(rest, " ")
	r.difference, rest, _ = strings.Cut(rest, " ")
	r.id, rest, _ = strings.Cut(rest, " ")
	r.location, r.time, _ = strings.Cut(rest, " ")
	if r.client, ok = parseMoment(r.time); !ok || r.server == "" || r.id == "" || !isLocation(r.location) {
		return report{}, false
	}
	if r.received, ok = r.receivedAt(); !ok {
		return report{}, false
	}
	r.effective = r.received.plus(moment{seconds: future})
	if r.client.compare(r.effective) < 0 {
		r.effective = r.client
	}
	return r, true
}

// receivedAt is when the server received the report: so much later than the client's time.
func (r *report) receivedAt() (at moment, ok bool) {
	if len(r.difference) < 2 {
		return moment{}, false
	}
	difference, ok := parseMoment(r.difference[1:])
	switch {
	case !ok || strings.IndexByte(r.difference, '.') != len(r.difference)-10:
		return moment{}, false // nine decimals, always
	case r.difference[0] == '-':
		difference = difference.minus()
	case r.difference[0] != '+':
		return moment{}, false
	}
	return r.client.plus(difference), true
}

// compare orders two reports of one client: the greater is the newer.
func (r *report) compare(o *report) int {
	if c := r.effective.compare(o.effective); c != 0 {
		return c
	}
	if c := r.client.compare(o.client); c != 0 {
		return c
	}
	for _, texts := range [][2]string{
		{r.server, o.server}, {r.location, o.location}, {r.time, o.time}, {r.difference, o.difference},
	} {
		if c := strings.Compare(texts[0], texts[1]); c != 0 {
			return c
		}
	}
	return 0
}

// parseMoment reads digits with up to nine decimals.
func parseMoment(text string) (m moment, ok bool) {
	whole, decimals, point := strings.Cut(text, ".")
	if whole == "" || len(whole) > 13 || point && (decimals == "" || len(decimals) > 9) || !isDigits(whole) || !isDigits(decimals) {
		return moment{}, false
	}
	for _, c := range whole {
		m.seconds = m.seconds*10 + int64(c-'0')
	}
	for i := range 9 {
		m.nanos *= 10
		if i < len(decimals) {
			m.nanos += int64(decimals[i] - '0')
		}
	}
	return m, true
}

func isDigits(text string) bool {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return true
}

// isLocation reports whether text is two signed numbers within 90 and 180.
func isLocation(text string) bool {
	if text == "" {
		return false
	}
	second := 1 + strings.IndexAny(text[1:], "+-")
	return second > 0 && isDegrees(text[:second], 90) && isDegrees(text[second:], 180)
}

func isDegrees(text string, most int64) bool {
	if text[0] != '+' && text[0] != '-' {
		return false
	}
	whole, decimals, point := strings.Cut(text[1:], ".")
	if whole == "" || point && decimals == "" || !isDigits(whole) || !isDigits(decimals) || len(whole) > 15 {
		return false
	}
	m, _ := parseMoment(whole)
	return m.seconds < most || m.seconds == most && strings.Trim(decimals, "0") == ""
}
