package load

import (
	"math"
	"strings"
	"testing"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/upstream/standin/gazetteer"
)

// Whoever is next, wherever they are: what is sent is a command, and no client is on two
// connections.
func TestWhatIsSentIsACommand(t *testing.T) {
	for _, ids := range Populations {
		o := Options{Addresses: []string{"x"}, Connections: 3, Clients: 100, IDs: ids}.withDefaults()
		d := &driver{options: &o, dialect: dialects[o.Dialect], clock: newClock(), atlas: theAtlas()}
		owner := map[string]int{}
		places := map[string]map[string]bool{}
		often := map[string]int{}
		for number := range o.Connections {
			c := &conn{people: newPopulation(&o, number)}
			for range 2000 {
				c.ask(d, 0, d.clock.now())
			}
			var latest string
			for line := range strings.Lines(string(c.out)) {
				var command herd.Command
				if !herd.ParseCommand([]byte(strings.TrimSuffix(line, "\n")), &command) || command.Verb != herd.IAMAT {
					t.Fatalf("%s: %q", ids, line)
				}
				id := string(command.ID)
				if first, seen := owner[id]; seen && first != number {
					t.Fatalf("%s: %s is on connections %d and %d", ids, id, first, number)
				}
				owner[id] = number
				often[id]++
				if places[id] == nil {
					places[id] = map[string]bool{}
				}
				places[id][string(command.Location)] = true
				if at := string(command.Time); at <= latest {
					t.Fatalf("%s: %s is not after %s", ids, at, latest)
				} else {
					latest = at
				}
			}
		}
		if ids != Zipf && len(owner) != o.Clients {
			t.Errorf("%s: %d clients of %d have reported", ids, len(owner), o.Clients)
		}
		most, at := 0, 0
		for id, n := range often {
			most, at = max(most, n), max(at, len(places[id]))
		}
		if moves := at > 1; moves != (ids == Moving) {
			t.Errorf("%s: a client was at %d places", ids, at)
		}
		if skewed := most > 300; skewed != (ids == Zipf) {
			t.Errorf("%s: one client has made %d of 6000 reports", ids, most)
		}
	}
}

// Those that are unseen come after those that are known, and each once.
func TestTheUnseenAreNotKnown(t *testing.T) {
	o := Options{Addresses: []string{"x"}, Connections: 7, Clients: 1000, Known: 500, IDs: Unseen}.withDefaults()
	seen := map[uint32]bool{}
	for number := range o.Connections {
		p := newPopulation(&o, number)
		for p.turn >= uint32(o.Known/o.Connections) { // until it begins anew
			client := p.client(p.next())
			if client < uint32(o.Known) || seen[client] {
				t.Errorf("client %d is known", client)
			}
			seen[client] = true
		}
	}
	if len(seen) != o.Clients-o.Known {
		t.Errorf("%d clients were to be seen for the first time, and %d were", o.Clients-o.Known, len(seen))
	}
}

func TestTimesAreWrittenExactly(t *testing.T) {
	c := newClock()
	if far := time.Duration(math.Abs(float64(time.Now().UnixNano() - c.now()))); far > time.Minute {
		t.Errorf("the clock is %v off", far)
	}
	for _, ns := range []int64{1_700_000_000_000_000_000, 1_700_000_000_000_000_001, 1_700_000_000_999_999_999, 1_700_000_001_020_030_040} {
		got, ok := herd.ParseTimestamp(c.append(nil, ns))
		if want := herd.Unix(ns/1e9, int(ns%1e9)); !ok || got != want {
			t.Errorf("%d: %v", ns, got)
		}
	}
}

func TestDegrees(t *testing.T) {
	for _, c := range []struct {
		lat, lon float64
		want     string
	}{
		{34.06893, -118.445127, "+34.068930-118.445127"}, {0, 0, "+00.000000+000.000000"},
		{-89.99999996, 179.99999996, "-90.000000+180.000000"}, {-0.5, -7.25, "-00.500000-007.250000"},
	} {
		if got := string(appendLocation(nil, c.lat, c.lon)); got != c.want {
			t.Errorf("%v, %v: %s, want %s", c.lat, c.lon, got, c.want)
		}
	}
}

// The way from one place to another along a great circle is the shortest, and steps on it
// are equally long.
func TestTheWayIsAGreatCircle(t *testing.T) {
	from, to := gazetteer.Place{Lat: 34.07, Lon: -118.44}, gazetteer.Place{Lat: 27.7, Lon: 85.3}
	whole := from.DistanceKM(to.Lat, to.Lon)
	for _, share := range []float64{0, 0.25, 0.5, 0.9} {
		lat, lon := between(toVector(from), toVector(to), share).degrees()
		done, left := from.DistanceKM(lat, lon), to.DistanceKM(lat, lon)
		if math.Abs(done-share*whole) > 0.1 || math.Abs(done+left-whole) > 0.1 {
			t.Errorf("at %v of %.0f km: %.1f km done, %.1f left", share, whole, done, left)
		}
	}
	if p := between(toVector(from), toVector(from), 0.5); p != toVector(from) {
		t.Errorf("from a place to itself: %v", p)
	}
}
