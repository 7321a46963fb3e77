package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"proxyherd/herd"
)

const (
	// rootDigits of a root are shown: enough to tell two of a herd's apart.
	rootDigits = 8

	// The most that notes list, of what --json lists in full.
	closedShown = 6
	lossesShown = 3
)

// writeTables writes what was seen for people, in one write.
func writeTables(out io.Writer, o *overview) error {
	text := serversTable(o.Servers)
	if len(o.Links) > 0 {
		text += "\n" + linksTable(o)
	}
	if o.Well {
		text += fmt.Sprintf("\nAll is well: %s reached, %s up and in sync.\n",
			count(len(o.Servers), "server"), count(len(o.Links), "link"))
	}
	_, err := io.WriteString(out, text)
	return err
}

// writeJSON writes what was seen as one line of JSON.
func writeJSON(out io.Writer, o *overview) error { return writeDocument(out, o) }

func serversTable(servers []sighting) string {
	var t table
	t.row("server", "state", "clients", "records", "size", "root", "clock")
	for _, s := range servers {
		if s.Status == nil {
			t.row(s.Name, s.Error)
			continue
		}
		st := s.Status
		t.row(s.Name, stateOf(st), fmt.Sprint(st.Connections), fmt.Sprint(st.Records), size(st.RecordBytes),
			orDash(st.Root[:min(len(st.Root), rootDigits)]), ahead(s.Clock, s.Took/2))
		if list := closedOf(st.Closed); list != "" {
			t.note("closed or refused: " + list)
		}
		if st.Backbone != nil {
			t.note(backboneNote(st.Backbone))
		}
		if j := st.Journal; j != nil && !j.FailedSince.IsZero() {
			t.note(fmt.Sprintf("journal: failed since %s, %s wait: %s", j.FailedSince.UTC().Format(time.RFC3339), count(j.Waiting, "record"), j.Error))
		}
		if k := st.Sink; k != nil && !k.FailedSince.IsZero() {
			t.note(fmt.Sprintf("sink: failed since %s, %s wait: %s", k.FailedSince.UTC().Format(time.RFC3339), count(k.Pending, "record"), k.Error))
		}
	}
	return t.String()
}

// stateOf tells what a server does, and since when: both by its own clock, so that
// a wrong one does no harm.
func stateOf(st *herd.Status) string {
	switch {
	case st.Stopping:
		return "stopping"
	case st.Clients == "":
		return "starting" // it does not listen yet
	}
	return "up " + span(st.Time.Sub(st.Started))
}

// closedOf lists why a server closed connections, the most frequent first; where
// they are equal by name, so that the same counts read the same.
func closedOf(closed map[string]int64) string {
	var list []string
	for _, why := range slices.SortedFunc(maps.Keys(closed), func(a, b string) int {
		return cmp.Or(cmp.Compare(closed[b], closed[a]), cmp.Compare(a, b))
	}) {
		if n := closed[why]; n != 0 {
			list = append(list, fmt.Sprintf("%s %d", why, n))
		}
	}
	return shortened(list, closedShown)
}

// shortened joins the first of a list, and counts the others.
func shortened(list []string, most int) string {
	if more := len(list) - most; more > 0 {
		list = append(list[:most:most], fmt.Sprintf("%d more", more))
	}
	return strings.Join(list, ", ")
}

func linksTable(o *overview) string {
	var t table
	t.row("link", "state", "sync", "round trip", "clock", "waiting")
	for _, l := range o.Links {
		roundTrip, clock := "-", "-"
		if l.RoundTrip > 0 {
			roundTrip, clock = seconds(l.RoundTrip), ahead(l.Clock, l.RoundTrip/2)
		}
		t.row(l.name(), l.both(func(e end) string { return string(e.View) }), l.syncText(),
			roundTrip, clock, l.both(end.waiting))
		for _, note := range l.notes(o.future) {
			t.note(note)
		}
	}
	return t.String()
}

func (l *linkReport) name() string { return l.Ends[0].Server + " - " + l.Ends[1].Server }

// both puts side by side what differs at the two ends, and says once what does not:
// that is the usual case, and the exception is to meet the eye.
func (l *linkReport) both(what func(end) string) string {
	first, second := what(l.Ends[0]), what(l.Ends[1])
	if first == second {
		return first
	}
	return first + "/" + second
}

// syncText says whether both hold the same records, and how old that news is.
func (l *linkReport) syncText() string {
	text := map[herd.Sync]string{herd.InSync: "in sync", herd.Behind: "behind", herd.Unknown: "unknown"}[l.Sync]
	if l.CheckedAgo != nil {
		text += ", " + span(time.Duration(*l.CheckedAgo*float64(time.Second))) + " ago"
	}
	if l.Differ != 0 {
		text += ", " + count(l.Differ, "bucket")
	}
	return text
}

// waiting says what this end has for the other and has not got rid of.
func (e end) waiting() string {
	if e.View != viewUp {
		return "-"
	}
	return size(e.link.Waiting)
}

// notes says what else there is to know of a link, if there is anything: what could
// mend itself or be mended first, then its history.
func (l *linkReport) notes(future time.Duration) (list []string) {
	for i, e := range l.Ends {
		other := l.Ends[1-i].Server
		switch {
		case e.View == viewUnlisted:
			list = append(list, fmt.Sprintf("%s was started with another config: it does not talk to %s", e.Server, other))
		case e.View == viewUp && e.link.Dumping:
			list = append(list, fmt.Sprintf("%s is sending %s all its records", e.Server, other))
		}
		if e.View == viewUp && e.link.Changed != 0 {
			list = append(list, fmt.Sprintf("%s is too slow for %s, which keeps %s for it", other, e.Server, count(e.link.Changed, "changed client")))
		}
	}
	// Beyond half of it the order of reports begins to depend on the clocks.
	if half := future.Seconds() / 2; math.Abs(l.Clock) > half {
		list = append(list, fmt.Sprintf("the clocks are %s apart; set them right: more than %s is half of the config's future",
			seconds(math.Abs(l.Clock)), seconds(half)))
	}
	if note := l.resyncNote(); note != "" {
		list = append(list, note)
	}
	for _, e := range l.Ends {
		if note := e.lossesNote(); note != "" {
			list = append(list, note)
		}
	}
	return list
}

// resyncNote tells of the last exchange of records, which the end that dialled
// counts: each may have been that.
func (l *linkReport) resyncNote() string {
	var last *end
	var age time.Duration // by the end's own clock, like all ages
	for i := range l.Ends {
		e := &l.Ends[i]
		if e.link == nil || e.link.Resync.At.IsZero() {
			continue
		}
		if ago := e.said.Sub(e.link.Resync.At); last == nil || ago < age {
			last, age = e, ago
		}
	}
	if last == nil {
		return ""
	}
	r := last.link.Resync
	return fmt.Sprintf("re-sync %s ago: %s sent %s and received %d; %s in %s",
		span(age), last.Server, count(int(r.Sent), "record"), r.Received, size(r.Bytes), count(r.RoundTrips, "round trip"))
}

// lossesNote tells how an end lost the link, the last time first.
func (e end) lossesNote() string {
	if e.link == nil || len(e.link.Losses) == 0 {
		return ""
	}
	var list []string
	for _, loss := range slices.Backward(e.link.Losses) {
		list = append(list, fmt.Sprintf("%s %s ago", loss.Reason, span(e.said.Sub(loss.At))))
	}
	return "lost at " + e.Server + ": " + shortened(list, lossesShown)
}
